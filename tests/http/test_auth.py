import asyncio
import base64

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from graph.domain.denials import UnauthenticatedError
from graph.http.auth import Credentials, read_credentials, read_key_pair
from tests.http.toy import make_app, serve


def read(*headers: tuple[str, str]) -> Credentials:
    return read_credentials(make_mocked_request("POST", "/graphql", headers=CIMultiDict(headers)))


def test_no_headers_are_no_credentials() -> None:
    assert read() == Credentials(None, None)


@pytest.mark.parametrize(
    "header", ["Bearer pg_a-b.c_d~e+f/g==", "bearer pg_a-b.c_d~e+f/g==", "BEARER  pg_a-b.c_d~e+f/g=="]
)
def test_a_key_is_read(header: str) -> None:
    assert read(("authorization", header)) == Credentials(bearer="pg_a-b.c_d~e+f/g==")


def test_an_actor_is_read() -> None:
    assert read(("Authorization", "Bearer k"), ("X-Promptgraph-Actor", "ada@example.org")) == Credentials(
        "k", "ada@example.org"
    )
    assert read(("X-Promptgraph-Actor", "Ζωή")) == Credentials(None, "Ζωή")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "pg_key", "Bearer a b", "Bearer a,b", "Bearer " + "a" * 513]
)
def test_a_key_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(UnauthenticatedError, match="Authorization: Bearer"):
        read(("Authorization", header))


def read_pair(*authorization: str) -> Credentials:
    headers = CIMultiDict([("Authorization", value) for value in authorization])
    return read_key_pair(make_mocked_request("GET", "/", headers=headers))


@pytest.mark.parametrize("pair", ["pk-lf-1:pg_a", ":pg_a", "Ζωή:pg_a"])
def test_the_secret_half_of_a_pair_is_the_key(pair: str) -> None:
    basic = "basic " + base64.b64encode(pair.encode()).decode()
    assert read_pair(basic) == read_pair("Bearer pg_a") == Credentials("pg_a")
    assert read_pair() == Credentials()


@pytest.mark.parametrize("header", ["Basic", "Basic ???", "Basic YQ==", "Basic YTo=", "Basic YTpiIGM=", "Basic /w=="])
def test_a_pair_without_a_key_is_refused(header: str) -> None:
    with pytest.raises(UnauthenticatedError):
        read_pair(header)
    with pytest.raises(UnauthenticatedError):
        read_pair("Basic YTpi", "Basic YTpi")


def test_two_keys_are_refused() -> None:
    with pytest.raises(UnauthenticatedError):
        read(("Authorization", "Bearer a"), ("Authorization", "Bearer b"))


@pytest.mark.parametrize("actor", ["", "a" * 256, "a\tb"])
def test_an_actor_that_cannot_be_one_is_refused(actor: str) -> None:
    with pytest.raises(UnauthenticatedError, match="X-Promptgraph-Actor"):
        read(("X-Promptgraph-Actor", actor))


def test_two_actors_are_refused() -> None:
    with pytest.raises(UnauthenticatedError):
        read(("X-Promptgraph-Actor", "a"), ("X-Promptgraph-Actor", "b"))


async def test_an_actor_whose_bytes_are_no_utf_8_is_401() -> None:
    async def make_context(request: web.Request) -> object:
        return read_credentials(request)

    async with serve(make_app(make_context=make_context)) as client:
        async with client.get("/livez") as alive:
            assert alive.url.host
            reader, writer = await asyncio.open_connection(alive.url.host, alive.url.port)
        writer.write(b"GET /graphql?query={hello} HTTP/1.1\r\nHost: localhost\r\nX-Promptgraph-Actor: a\xffb\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
        writer.close()

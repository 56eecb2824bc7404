import asyncio
import gzip
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.limits import RequestLimits
from graph.http.errors import RequestRefusedError
from graph.http.parameters import check_parameters, decode_json
from tests.http.toy import Client, make_app, serve

HALVES = re.compile("[\ud800-\udfff]")
HELLO = {"query": "query($name: String!) { hello(name: $name) }"}


async def post(client: Client, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with client.post("/graphql", data=body, headers=headers) as response:
        return response.status, json.loads(await response.read())


def code_of(answer: dict[str, Any]) -> str:
    assert "data" not in answer
    return str(answer["errors"][0]["extensions"]["code"])


async def test_text_in_every_script_comes_through(client: Client) -> None:
    name = "Ελλάδα 日本 🏃🏽‍♀️ \u202eא\u0000 \\ud800"
    for ascii_only in (True, False):
        body = json.dumps({**HELLO, "variables": {"name": name}}, ensure_ascii=ascii_only).encode()
        assert await post(client, body) == (200, {"data": {"hello": f"Hello {name}"}})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"query": "{hello}"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"query": "\xff"}',
        b"\xef\xbb\xbf{}",
    ],
    ids=["nothing", "no json", "cut off", "100,000 lists", "100,000 objects", "no utf-8", "a byte order mark"],
)
async def test_a_body_that_is_not_json_is_400(client: Client, body: bytes) -> None:
    status, answer = await post(client, body)
    assert (status, code_of(answer)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("body", [b"[]", b'"{hello}"', b"null", b'[{"query": "{hello}"}]'])
async def test_a_body_that_is_no_object_is_400(client: Client, body: bytes) -> None:
    status, answer = await post(client, body)
    assert status == 400
    assert "one request at a time" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ('"\\ud800"', "lone surrogate"),
        ('{"\\udfff": 1}', "lone surrogate"),
        ("9223372036854775808", "beyond 64 bits"),
        ("-9223372036854775809", "beyond 64 bits"),
        ("1" * 5_000, "beyond 64 bits"),
        ("1e999", "too large for a double"),
        ("NaN", "NaN is not JSON"),
        ("[" + "[]," * 600 + "NaN]", "NaN is not JSON"),
        ("-Infinity", "-Infinity is not JSON"),
    ],
)
async def test_what_json_cannot_carry_safely_is_400(client: Client, value: str, hint: str) -> None:
    status, answer = await post(client, b'{"query": "{hello}", "variables": {"x": %s}}' % value.encode())
    assert (status, code_of(answer)) == (400, "BAD_REQUEST")
    assert hint in answer["errors"][0]["message"]


def test_numbers_that_fit_are_read_as_they_are() -> None:
    text = b"[9223372036854775807, -9223372036854775808, 1e300, -0.5, 12, 1E2]"
    assert decode_json(text) == [2**63 - 1, -(2**63), 1e300, -0.5, 12, 100.0]


async def test_a_variable_nested_beyond_reason_is_an_error_of_the_caller(client: Client) -> None:
    nested = b"[" * 900 + b"]" * 900
    status, answer = await post(client, json.dumps(HELLO).encode()[:-1] + b', "variables": {"name": ' + nested + b"}}")
    assert status in (200, 400)
    assert code_of(answer) in ("BAD_REQUEST", "BAD_USER_INPUT")


async def test_a_body_over_the_bound_is_413(client: Client) -> None:
    limit = RequestLimits().body_bytes
    fits = json.dumps({"query": "{hello}"}).encode().ljust(limit)
    assert await post(client, fits) == (200, {"data": {"hello": "Hello you"}})
    status, answer = await post(client, fits + b" ")
    assert (status, code_of(answer)) == (413, "BODY_TOO_LARGE")


async def test_a_body_that_does_not_tell_its_length_is_bounded_too(client: Client) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    async with client.post("/graphql", data=endless(), headers={"Content-Type": "application/json"}) as response:
        assert response.status == 413
        assert code_of(await response.json()) == "BODY_TOO_LARGE"


async def test_a_compressed_body_is_415_and_never_inflated(client: Client) -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=1)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    spent = []
    for _ in range(3):  # the least of them is the server's; others use the machine too
        started = time.process_time()
        async with client.post("/graphql", data=bomb, headers=headers) as response:
            assert response.status == 415
            assert response.headers["Accept-Encoding"] == "identity"
            assert code_of(await response.json()) == "UNSUPPORTED_MEDIA_TYPE"
        await asyncio.sleep(0.3)  # the server reads what is left of a refused body
        spent.append(time.process_time() - started)
    assert min(spent) < 0.05


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", "x"],
)
async def test_a_body_that_a_page_could_send_without_asking_is_415(client: Client, content_type: str) -> None:
    status, answer = await post(client, b'{"query": "mutation {count}"}', Content_Type=content_type)
    assert (status, code_of(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_query_string_is_read_like_a_body(client: Client) -> None:
    params = {"query": "query A($name: String!) {hello(name: $name)} query B {later}", "operationName": "A"}
    async with client.get("/graphql", params={**params, "variables": '{"name": "é"}'}) as response:
        assert await response.json() == {"data": {"hello": "Hello é"}}
    for name, value in (
        ("variables", "{"),
        ("variables", "[]"),
        ("extensions", "1"),
        ("variables", '{"a": "\\ud800"}'),
    ):
        async with client.get("/graphql", params={**params, name: value}) as response:
            assert response.status == 400


def test_blank_is_no_query() -> None:
    with pytest.raises(RequestRefusedError, match="`query` must be there"):
        check_parameters({"query": " \n"})


async def test_a_body_that_breaks_off_is_no_fault_of_ours() -> None:
    async with serve(make_app()) as client:
        async with client.get("/livez") as alive:
            url = alive.url
        _, writer = await asyncio.open_connection(url.host, url.port)
        head = f"POST /graphql HTTP/1.1\r\nHost: {url.authority}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: 99\r\n\r\n{{".encode())
        await writer.drain()
        assert (await post(client, json.dumps({"query": "{hello}"}).encode()))[0] == 200
        writer.close()
        await writer.wait_closed()
        for _ in range(3):
            assert (await post(client, json.dumps({"query": "{hello}"}).encode()))[0] == 200
        _, answer = await post(client, json.dumps({"query": "{broken}"}).encode())
        assert answer["errors"][0]["extensions"]["errorId"] == "error-1"  # the first that was logged


async def test_a_body_that_does_not_arrive_is_408() -> None:
    never = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async with serve(make_app(limits=RequestLimits(body_seconds=0.1))) as client:
        headers = {"Content-Type": "application/json"}
        async with client.post("/graphql", data=drip(), headers=headers) as response:
            assert (response.status, code_of(await response.json())) == (408, "BODY_TOO_SLOW")
        assert (await post(client, json.dumps({"query": "{hello}"}).encode()))[0] == 200


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
NUMBERS = st.from_regex(r"-?[0-9]{1,22}(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
TEXTS = st.builds(json.dumps, VALUES, ensure_ascii=st.booleans()).filter(lambda text: not HALVES.search(text)) | NUMBERS


def read_by_the_rules(text: str) -> tuple[bool, Any]:
    """What the rules make of it, with Python's own reader: whether it is taken, and what it says."""
    beyond: list[str] = []

    def whole(digits: str) -> int:
        if not -(2**63) <= int(digits) < 2**63:
            beyond.append(digits)
        return int(digits)

    try:
        value = json.loads(text, parse_int=whole, parse_constant=beyond.append)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False, None
    return (not beyond), (None if beyond else value)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(list('{}[]",:0e-. \\u')))), st.booleans())
def test_json_is_read_by_one_rule_however_it_is_read(text: str, edits: list[tuple[int, str]], spoil: bool) -> None:
    for place, letter in edits if spoil else ():
        place %= len(text) + 1
        text = text[:place] + letter + text[place + 1 :]
    try:
        told: tuple[bool, Any] = True, decode_json(text.encode())
    except RequestRefusedError:
        told = False, None
    assert repr(told) == repr(read_by_the_rules(text))


@pytest.mark.parametrize("levels", [10, 400, 600])
def test_what_is_nested_is_read_alike_on_both_roads(levels: int) -> None:
    value = decode_json(b"[" * levels + b"]" * levels)
    for _ in range(levels - 1):
        (value,) = value
    assert value == []

"""The product's own subscription, over its open connections, with everything that stands behind it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError, web
from pydantic import SecretStr

from graph.app import DEPS, create_app
from graph.domain.actors import EVERYWHERE, Grant, Scope
from graph.domain.limits import LiveLimits
from graph.http.live.faces import LIVE
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.prompts import create_prompt
from graph.settings import Settings
from tests.fixtures import caller, draft
from tests.http.live.conversation import PROTOCOL, Events, Talk, until
from tests.http.toy import Client, serve

QUERY = """
subscription($after: String, $filter: PromptEventFilter) {
  promptEvents(after: $after, filter: $filter) {
    __typename cursor ... on PromptEvent {kind isInScope prompt {name}} ... on StreamReset {reason}
  }
}
"""
READER = (Scope.EVENTS_READ, Scope.PROMPTS_READ)
HEADERS = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Server:
    """A running server that needs keys."""

    app: web.Application
    client: Client

    async def make_key(self, scopes: Iterable[Scope] = READER, grants: Sequence[Grant] = EVERYWHERE) -> tuple[str, str]:
        """A key's id and its secret."""
        made = await create_key(self.app[DEPS], caller(), "partner", scopes, grants)
        return made.key.id, made.secret

    async def create(self, *names: str) -> None:
        for name in names:
            await create_prompt(self.app[DEPS], caller(), draft(name))

    async def begin(self, secret: str | None) -> Talk:
        talk = Talk(await self.client.ws_connect("/graphql", protocols=[PROTOCOL]))
        await talk.say("connection_init", payload=secret and {"Authorization": f"Bearer {secret}"})
        assert await talk.hear() == {"type": "connection_ack"}
        return talk

    async def subscribe(self, secret: str | None, **variables: Any) -> Talk:
        talk = await self.begin(secret)
        await talk.subscribe("a", QUERY, variables=variables)
        return talk

    async def stream(self, secret: str, headers: dict[str, str], **variables: Any) -> Events:
        body = {"query": QUERY, "variables": variables}
        headers = {**HEADERS, "Authorization": f"Bearer {secret}", **headers}
        return Events(await self.client.post("/graphql", json=body, headers=headers))


@asynccontextmanager
async def serve_product(url: str, database: str, place: Path, **more: Any) -> AsyncIterator[Server]:
    app = create_app(Settings(mongodb_url=SecretStr(url), mongodb_database=database, data_dir=place, **more), url)
    async with serve(app) as client:
        yield Server(app, client)


@pytest.fixture
async def server(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with serve_product(mongodb_url, database_name, tmp_path) as running:
        yield running


async def hear(talk: Talk) -> dict[str, Any]:
    message = await talk.hear()
    assert message["type"] == "next", message
    told: dict[str, Any] = message["payload"]["data"]["promptEvents"]
    return told


async def hear_event(talk: Talk) -> dict[str, Any]:
    while (told := await hear(talk))["__typename"] == "StreamCheckpoint":
        pass
    return told


async def hear_error(talk: Talk) -> dict[str, Any]:
    while (message := await talk.hear())["type"] == "next":
        pass
    assert message["type"] == "error"
    [error] = message["payload"]
    extensions: dict[str, Any] = error["extensions"]
    return extensions


async def test_changes_are_told_to_all_who_may_see_them_and_run_once_for_those_with_the_same_rights(
    server: Server,
) -> None:
    _, secret = await server.make_key()
    _, kitchen = await server.make_key(grants=(Grant("kitchen"),))
    talks = [await server.subscribe(secret) for _ in range(3)]
    narrow = await server.subscribe(kitchen)
    for talk in [*talks, narrow]:
        assert (await hear(talk))["__typename"] == "StreamCheckpoint"
    await server.create("garden/rose", "kitchen/soup")
    for talk in talks:
        assert [(await hear_event(talk))["prompt"]["name"] for _ in range(2)] == ["garden/rose", "kitchen/soup"]
    told = await hear_event(narrow)
    assert (told["kind"], told["isInScope"], told["prompt"]) == ("CREATED", True, {"name": "kitchen/soup"})


async def test_callers_of_one_key_share_a_stream_from_wherever_they_call(server: Server) -> None:
    _, secret = await server.make_key()
    talks = [await server.subscribe(secret) for _ in range(3)]
    for talk in talks:
        await hear(talk)
    assert server.app[LIVE].subscriptions.channel_count == 1


async def test_a_cursor_is_good_after_a_restart_on_another_process_and_over_the_other_transport(
    server: Server, mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    _, secret = await server.make_key()
    talk = await server.subscribe(secret)
    first = (await hear(talk))["cursor"]
    await server.create("a")
    assert (await hear_event(talk))["prompt"]["name"] == "a"
    await talk.socket.close()
    await server.create("b")
    async with serve_product(mongodb_url, database_name, tmp_path / "other") as other:
        again = await other.subscribe(secret, after=first)
        told = [await hear_event(again) for _ in range(2)]
        assert [one["prompt"]["name"] for one in told] == ["a", "b"]
        events = await other.stream(secret, {}, after=told[0]["cursor"])
        assert '"name":"b"' in (await events.hear())["data"]
        resumed = await other.stream(secret, {"Last-Event-ID": told[0]["cursor"]}, after=first)
        assert '"name":"b"' in (await resumed.hear())["data"]


async def test_a_key_that_is_revoked_in_the_midst_ends_the_stream_with_the_reason(server: Server) -> None:
    key_id, secret = await server.make_key()
    talk = await server.subscribe(secret)
    await hear(talk)
    await revoke_key(server.app[DEPS], caller(), key_id)
    async with asyncio.timeout(5):
        assert (await hear_error(talk))["code"] == "UNAUTHENTICATED"
    await talk.subscribe("q", "{viewer {__typename}}")
    assert (await hear_error(talk))["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"after": "forged"}, "INVALID_CURSOR"),
        ({"after": ""}, "INVALID_CURSOR"),
        ({"filter": {"promptIds": ["no id"]}}, "BAD_USER_INPUT"),
        ({"filter": {"folders": ["a//b"]}}, "BAD_USER_INPUT"),
        ({"filter": {"kinds": ["NONE"]}}, "BAD_USER_INPUT"),
        ({"filter": {"unknown": 1}}, "BAD_USER_INPUT"),
        ({"filter": "text"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_refused(server: Server, variables: dict[str, Any], code: str) -> None:
    _, secret = await server.make_key()
    assert (await hear_error(await server.subscribe(secret, **variables)))["code"] == code


async def test_without_a_key_or_its_scope_nothing_is_told(server: Server) -> None:
    assert (await hear_error(await server.subscribe(None)))["code"] == "UNAUTHENTICATED"
    _, secret = await server.make_key([Scope.PROMPTS_READ])
    assert await hear_error(await server.subscribe(secret)) == {"code": "FORBIDDEN", "requiredScope": "events:read"}


async def test_a_key_that_is_unknown_closes_the_socket_and_refuses_the_stream(server: Server) -> None:
    socket: ClientWebSocketResponse = await server.client.ws_connect("/graphql", protocols=[PROTOCOL])
    talk = Talk(socket)
    await talk.say("connection_init", payload={"Authorization": "Bearer pg_unknown"})
    assert (await talk.hear_close())[0] == 4403
    async with server.client.post(
        "/graphql", json={"query": QUERY}, headers={**HEADERS, "Authorization": "Bearer pg_unknown"}
    ) as response:
        assert response.status == 401


async def test_a_lost_place_is_reset_and_that_is_the_end(server: Server) -> None:
    _, secret = await server.make_key()
    talk = await server.subscribe(secret)
    first = (await hear(talk))["cursor"]
    await server.create("a", "b")
    await hear_event(talk)
    last = (await hear_event(talk))["cursor"]
    state = server.app[DEPS].store.database.collection("sync_state")
    await state.update_one({"_id": "feed"}, {"$set": {"first": 3}})  # the key's making is a record as well
    hub = server.app[DEPS].store.hub
    await until(lambda: hub.span.first == 3)
    late = await server.subscribe(secret, after=first)
    assert await hear(late) == {"__typename": "StreamReset", "cursor": last, "reason": "CURSOR_EXPIRED"}
    assert await late.hear() == {"type": "complete", "id": "a"}


async def test_what_is_not_valid_is_charged_on_a_socket_too(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    bounds: dict[str, Any] = {"rate_limit_anonymous": 4, "rate_limit_seconds": 6_000}
    async with serve_product(mongodb_url, database_name, tmp_path, **bounds) as server:
        talk = await server.begin(None)
        told = []
        for number in range(6):
            await talk.subscribe(str(number), f"{{ nothing{number} }}")
            told.append((await talk.hear())["payload"][0]["extensions"]["code"])
        assert told == ["GRAPHQL_VALIDATION_FAILED"] * 3 + ["RATE_LIMITED"] * 3


async def test_a_socket_without_a_key_is_a_strangers_until_a_key_comes(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    async with serve_product(mongodb_url, database_name, tmp_path, live_limits=LiveLimits(strangers=1)) as server:
        _, secret = await server.make_key()
        known = [await server.begin(secret) for _ in range(3)]
        stranger = await server.begin(None)
        with pytest.raises(WSServerHandshakeError):
            await server.begin(secret)
        for talk in (*known, stranger):
            await talk.socket.close()

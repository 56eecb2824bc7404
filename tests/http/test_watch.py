"""`GET /watch` on the whole server: polls and streams of the names that have changed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from graph.app import DEPS, create_app
from graph.domain.actors import Grant, Scope
from graph.domain.limits import LiveLimits
from graph.domain.prompts import PromptByName
from graph.http.live.faces import LIVE
from graph.operations.api_keys import revoke_key
from graph.operations.prompts import delete_prompt, get_prompt
from graph.settings import Settings
from tests.fixtures import caller
from tests.http.live.conversation import Events, until
from tests.http.live.test_product import Server, serve_product
from tests.http.toy import serve

STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
async def server(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with serve_product(mongodb_url, database_name, tmp_path) as running:
        yield running


class Partner:
    """A program with a key."""

    def __init__(self, server: Server, secret: str) -> None:
        self._client = server.client
        self._headers = {"Authorization": f"Bearer {secret}"}

    async def poll(self, **query: str | list[str]) -> tuple[int, Any]:
        async with self._client.get("/watch", params=query, headers=self._headers) as response:
            assert response.headers["Cache-Control"] == "no-store"
            return response.status, await response.json()

    async def now(self) -> str:
        _, told = await self.poll()
        assert (told["changes"], told["hasMore"]) == ([], False)
        return str(told["cursor"])

    async def gather(self, count: int, after: str, **query: str | list[str]) -> list[dict[str, Any]]:
        """So many changes, in as many answers as it takes: events come into the log one by one."""
        changes: list[dict[str, Any]] = []
        while len(changes) < count:
            _, told = await self.poll(after=after, **query)
            changes += told["changes"]
            after = told["cursor"]
        return changes

    async def watch(self, headers: dict[str, str] | None = None, **query: str) -> Events:
        given = {**STREAM, **self._headers, **(headers or {})}
        response = await self._client.get("/watch", params=query, headers=given)
        assert response.content_type == "text/event-stream", await response.text()
        return Events(response)


@pytest.fixture
async def partner(server: Server) -> Partner:
    return Partner(server, (await server.make_key())[1])


async def delete(server: Server, name: str) -> None:
    prompt = await get_prompt(server.app[DEPS], caller(), PromptByName(name))
    assert prompt
    await delete_prompt(server.app[DEPS], caller(), prompt.id, name)


def names(changes: Any) -> list[tuple[str, str, bool]]:
    return [(one["name"], one["kind"], one["isInScope"]) for one in changes]


async def hear_change(events: Events) -> dict[str, Any]:
    while "event" in (heard := await events.hear()) or "" in heard:
        pass
    told: dict[str, Any] = json.loads(heard["data"])
    assert told["cursor"] == heard["id"]
    return told


async def test_a_poll_without_a_cursor_answers_at_once_with_where_the_log_ends(
    server: Server, partner: Partner
) -> None:
    first = await partner.now()
    await server.create("before")
    await partner.gather(1, first)
    after = await partner.now()
    await server.create("a")
    status, told = await partner.poll(after=after)
    assert (status, names(told["changes"])) == (200, [("a", "CREATED", True)])
    assert set(told["changes"][0]) == {"cursor", "name", "kind", "promptId", "isInScope"}
    assert told["changes"][0]["cursor"] == told["cursor"]


async def test_a_poll_is_answered_as_soon_as_something_changes_that_it_watches(
    server: Server, partner: Partner
) -> None:
    after = await partner.now()
    waiting = asyncio.create_task(partner.poll(after=after, folder="garden", wait="60"))
    await until(lambda: len(server.app[LIVE].connections) == 1)
    await server.create("kitchen/soup", "garden/rose")
    async with asyncio.timeout(10):
        _, told = await waiting
    assert names(told["changes"]) == [("garden/rose", "CREATED", True)]


async def test_a_poll_that_has_waited_long_enough_answers_with_nothing_and_a_cursor_further_on(
    server: Server, partner: Partner
) -> None:
    after = await partner.now()
    await server.create("kitchen/soup")
    await partner.gather(1, after)
    started = time.monotonic()
    _, told = await partner.poll(after=after, folder="garden", wait="0.3")
    assert time.monotonic() - started >= 0.3
    assert (told["changes"], told["hasMore"]) == ([], False)
    assert told["cursor"] != after
    _, again = await partner.poll(after=told["cursor"], wait="0")
    assert again == told


async def test_folders_tags_and_labels_narrow_and_what_leaves_is_told_by_its_name(
    server: Server, partner: Partner
) -> None:
    after = await partner.now()
    await server.create("garden/rose", "kitchen/soup", "cellar/wine")
    await delete(server, "garden/rose")
    told = await partner.gather(3, after, folder=["garden", "kitchen"])
    assert names(told) == [
        ("garden/rose", "CREATED", True),
        ("kitchen/soup", "CREATED", True),
        ("garden/rose", "DELETED", False),
    ]
    for name in ("tag", "label"):
        assert (await partner.poll(after=after, wait="0", **{name: "unknown"}))[1]["changes"] == []


async def test_what_a_key_may_not_read_it_is_not_told(server: Server) -> None:
    _, secret = await server.make_key(grants=(Grant("kitchen"),))
    narrow = Partner(server, secret)
    after = await narrow.now()
    await server.create("garden/rose", "kitchen/soup")
    assert names(await narrow.gather(1, after)) == [("kitchen/soup", "CREATED", True)]


async def test_a_stream_tells_changes_as_plain_messages_and_goes_on_after_the_last_event(
    server: Server, partner: Partner
) -> None:
    events = await partner.watch()
    checkpoint = await events.hear()
    assert checkpoint == {"event": "checkpoint", "id": checkpoint["id"], "data": f'{{"cursor":"{checkpoint["id"]}"}}'}
    await server.create("a", "b")
    told = [await hear_change(events) for _ in range(2)]
    assert [one["name"] for one in told] == ["a", "b"]
    again = await partner.watch({"Last-Event-ID": told[0]["cursor"]}, after=checkpoint["id"])
    assert (await hear_change(again))["name"] == "b"
    assert await partner.gather(1, told[0]["cursor"]) == [told[1]]


async def test_the_cursors_are_those_of_the_log(server: Server, partner: Partner) -> None:
    first = await partner.now()
    await server.create("a", "b")
    await partner.gather(2, first)
    query = "{promptEventLog(first: 1) {pageInfo {endCursor}}}"
    async with server.client.post("/graphql", json={"query": query}, headers=partner._headers) as response:
        log = (await response.json())["data"]["promptEventLog"]
    assert names(await partner.gather(1, log["pageInfo"]["endCursor"])) == [("b", "CREATED", True)]


async def test_those_who_watch_the_same_share_a_stream(server: Server, partner: Partner) -> None:
    streams = [await partner.watch(folder="a") for _ in range(3)]
    for events in streams:
        await events.hear()
    assert (server.app[LIVE].subscriptions.count, server.app[LIVE].subscriptions.channel_count) == (3, 1)


async def test_a_key_that_is_revoked_ends_the_stream_and_the_poll_with_the_reason(server: Server) -> None:
    key_id, secret = await server.make_key()
    partner = Partner(server, secret)
    events = await partner.watch()
    await events.hear()
    waiting = asyncio.create_task(partner.poll(after=await partner.now(), wait="60"))
    await until(lambda: len(server.app[LIVE].connections) == 2)
    await revoke_key(server.app[DEPS], caller(), key_id)
    async with asyncio.timeout(5):
        status, told = await waiting
        assert (status, told["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        while (heard := await events.hear()).get("event") != "end":
            pass
    assert json.loads(heard["data"]) == told


@pytest.mark.parametrize("headers", [{}, STREAM])
@pytest.mark.parametrize(("change", "code"), [({"first": 2}, "CURSOR_EXPIRED"), ({"seq": 1}, "HISTORY_LOST")])
async def test_a_place_that_is_lost_is_gone(
    server: Server, partner: Partner, headers: dict[str, str], change: dict[str, int], code: str
) -> None:
    first = await partner.now()
    await server.create("a", "b")
    last = (await partner.gather(2, first))[-1]["cursor"]
    after = {"CURSOR_EXPIRED": first, "HISTORY_LOST": last}[code]
    state = server.app[DEPS].store.database.collection("sync_state")
    await state.update_one({"_id": "feed"}, {"$set": change})
    given = {**partner._headers, **headers}
    async with server.client.get("/watch", params={"after": after}, headers=given) as response:
        told = await response.json()
    assert (response.status, told["errors"][0]["extensions"]["code"]) == (410, code)


@pytest.mark.parametrize("headers", [{}, STREAM])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"after": "forged"}, "INVALID_CURSOR"),
        ({"after": ""}, "INVALID_CURSOR"),
        ({"folder": "a//b"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    server: Server, partner: Partner, headers: dict[str, str], query: dict[str, str], code: str
) -> None:
    given = {**partner._headers, **headers}
    async with server.client.get("/watch", params=query, headers=given) as response:
        told = await response.json()
    assert (response.status, told["errors"][0]["extensions"]["code"]) == (400, code)


@pytest.mark.parametrize("wait", ["-1", "61", "soon", "1e1", ""])
async def test_a_wait_is_a_number_of_seconds_within_its_bound(partner: Partner, wait: str) -> None:
    status, told = await partner.poll(after=await partner.now(), wait=wait)
    assert (status, told["errors"][0]["message"]) == (400, "`wait` is a number of seconds from 0 to 60.")


async def test_without_a_key_or_its_scope_nothing_is_told(server: Server) -> None:
    async with server.client.get("/watch") as response:
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    reader = Partner(server, (await server.make_key([Scope.PROMPTS_READ]))[1])
    status, told = await reader.poll()
    assert (status, told["errors"][0]["extensions"]) == (403, {"code": "FORBIDDEN", "requiredScope": "events:read"})


async def test_other_answers_than_json_and_events_are_not_to_be_had(server: Server, partner: Partner) -> None:
    given = {**partner._headers, "Accept": "text/plain"}
    async with server.client.get("/watch", headers=given) as response:
        assert response.status == 406
    async with server.client.head("/watch", headers=partner._headers) as response:
        assert response.status == 405


async def test_beyond_the_allowed_number_watchers_are_sent_away_and_one_who_leaves_makes_room(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    settings = Settings(
        mongodb_url=SecretStr(mongodb_url),
        mongodb_database=database_name,
        data_dir=tmp_path,
        live_limits=LiveLimits(subscriptions=1),
    )
    app = create_app(settings, mongodb_url)
    async with serve(app) as client:
        server = Server(app, client)
        partner = Partner(server, (await server.make_key())[1])
        after = await partner.now()
        waiting = asyncio.create_task(partner.poll(after=after, wait="60"))
        await until(lambda: app[LIVE].subscriptions.count == 1)
        status, told = await partner.poll(after=after, wait="0")
        assert (status, told["errors"][0]["extensions"]["code"]) == (503, "TOO_MANY_SUBSCRIPTIONS")
        waiting.cancel()
        await until(lambda: app[LIVE].subscriptions.count == 0)
        assert (await partner.poll(after=after, wait="0"))[0] == 200

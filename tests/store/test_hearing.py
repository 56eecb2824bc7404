"""What the watch takes for heard: a stream from its beginning, unbroken, of whoever is the primary."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from graph.store.change_watch import ChangeWatch
from graph.store.database import Database
from graph.store.kept import Kept
from tests.commands import Commands

INVALID_NAMESPACE = 73
Client = AsyncMongoClient[dict[str, Any]]


async def until(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not ask():  # noqa: ASYNC110  # nobody tells of it
            await asyncio.sleep(0.005)


@asynccontextmanager
async def relayed(url: str, place: Path) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """Another way to the same mongod, and how its connections are all cut off at once."""
    ends: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        while some := await reader.read(65_536):
            writer.write(some)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_unix_connection(unquote(urlsplit(url).netloc))
        await asyncio.gather(carry(reader, there[1]), carry(there[0], writer), return_exceptions=True)

    def cut() -> None:
        for end in ends:
            end.transport.abort()
        ends.clear()

    async with await asyncio.start_unix_server(relay, place):
        yield f"mongodb://{quote(str(place), safe='')}/?directConnection=true", cut
        cut()


def watching(client: Client, name: str) -> tuple[ChangeWatch, Kept[int]]:
    watch = ChangeWatch(Database(client, name, 1.25), 1.0)
    ours = Kept[int](10, watch.is_heard, 1 << 20)
    watch.tell("prompts", ours)
    return watch, ours


async def test_what_was_read_before_the_watch_heard_anything_is_not_kept(mongodb_url: str, database_name: str) -> None:
    """It may have been written since, before the stream began: no event would tell."""
    async with Client(mongodb_url) as client:
        watch, ours = watching(client, database_name)
        moment = ours.moment
        async with watch.running():
            await until(watch.is_heard)
            ours.keep(moment, {"a": (1, ("x",))})
            assert ours.recall(["a"]) is None
            ours.keep(ours.moment, {"a": (1, ("x",))})
            assert ours.recall(["a"]) == {"a": 1}


async def test_after_a_stream_that_broke_off_nothing_is_told_that_was_read_before(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    """It may be undone; and of what the next stream has to tell the first comes earlier than the last."""
    async with relayed(mongodb_url, tmp_path / "relay.sock") as (url, cut), Client(url) as client:
        watch, ours = watching(client, database_name)
        async with watch.running():
            await until(watch.is_heard)
            ours.keep(ours.moment, {"a": (1, ("x",))})
            assert ours.recall(["a"])
            cut()
            await until(lambda: len(ours) == 0)
            await until(watch.is_heard)


async def test_that_nothing_can_be_heard_is_logged_once(mongodb_url: str) -> None:
    commands = Commands()
    async with Client(mongodb_url, event_listeners=[commands]) as client:
        watch, _ = watching(client, "local")  # of which MongoDB tells nobody
        with capture_logs() as logs:
            async with watch.running():
                await until(lambda: commands.names.count("aggregate") > 3)
    told = [(line["log_level"], line["reason"], line["code"]) for line in logs if "code" in line]
    assert told == [("warning", "OperationFailure", INVALID_NAMESPACE)]

"""What the stream tells, what it overcomes by itself and what it gives up on; all on a real MongoDB."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.store.mongod.options import MongodOptions
from search_sync.change_stream import Change, ChangeStream, HistoryLostError
from search_sync.tasks import end_task
from tests.search_sync.conftest import QUICK, Document
from tests.search_sync.own_mongod import failing, forget_history, own_mongod

Database = AsyncDatabase[Document]

OPENINGS = 100
RESUMABLE = (6, 7, 43, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436)


@asynccontextmanager
async def watching(database: Database, token: Document | None = None) -> AsyncIterator[ChangeStream]:
    stream = ChangeStream(database, QUICK, token)
    await stream.open()
    try:
        yield stream
    finally:
        await stream.close()


async def read(stream: ChangeStream, seconds: float = 20.0) -> Change:
    async with asyncio.timeout(seconds):
        while (change := await stream.next()) is None:
            pass
    return change


@pytest.fixture(scope="module")
async def failing_client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with (
        own_mongod(Path(tmp_path_factory.mktemp("failing"), "data"), MongodOptions(oplog_megabytes=2)) as mongod,
        AsyncMongoClient[Document](mongod.url, heartbeatFrequencyMS=500) as client,
    ):
        yield client


@pytest.fixture
async def fragile(failing_client: AsyncMongoClient[Document], database_name: str) -> AsyncIterator[Database]:
    yield failing_client[database_name]
    await failing_client.drop_database(database_name)


async def test_an_insert_is_told_by_id(database: Database) -> None:
    async with watching(database) as stream:
        await database.prompts.insert_one({"_id": "a"})
        change = await read(stream)
        assert (change.id, change.starts_afresh) == ("a", False)


async def test_an_update_is_told_by_id(database: Database) -> None:
    await database.prompts.insert_one({"_id": "a"})
    async with watching(database) as stream:
        await database.prompts.update_one({"_id": "a"}, {"$set": {"x.y": 1}, "$unset": {"z": 1}})
        assert (await read(stream)).id == "a"


async def test_a_replacement_is_told_and_starts_afresh(database: Database) -> None:
    await database.prompts.insert_one({"_id": "a"})
    async with watching(database) as stream:
        await database.prompts.replace_one({"_id": "a"}, {"x": 1})
        change = await read(stream)
        assert (change.id, change.starts_afresh) == ("a", True)


async def test_a_deletion_is_told_and_starts_afresh(database: Database) -> None:
    await database.prompts.insert_one({"_id": "a"})
    async with watching(database) as stream:
        await database.prompts.delete_one({"_id": "a"})
        change = await read(stream)
        assert (change.id, change.starts_afresh) == ("a", True)


async def drop(database: Database) -> None:
    await database.prompts.drop()


async def drop_database(database: Database) -> None:
    await database.client.drop_database(database.name)


async def rename_away(database: Database) -> None:
    await database.prompts.rename("others")


async def rename_over(database: Database) -> None:
    await database.others.insert_one({"_id": "b"})
    await database.others.rename("prompts", dropTarget=True)


@pytest.mark.parametrize("deed", [drop, drop_database, rename_away, rename_over])
async def test_a_change_of_the_whole_collection_loses_the_history(database: Database, deed: Any) -> None:
    await database.prompts.insert_one({"_id": "a"})
    async with watching(database) as stream:
        await deed(database)
        with pytest.raises(HistoryLostError, match="as a whole"):
            await read(stream)


async def test_a_stream_goes_on_behind_an_invalidation(database: Database) -> None:
    await database.prompts.insert_one({"_id": "a"})
    async with watching(database) as stream:
        await database.prompts.drop()
        for _ in range(2):  # the drop, and the invalidation that follows it
            with pytest.raises(HistoryLostError):
                await read(stream)
        token = stream.position
    await database.prompts.insert_one({"_id": "b"})
    async with watching(database, token) as stream:
        assert (await read(stream)).id == "b"


async def test_what_was_missed_is_told_from_the_token_on(database: Database) -> None:
    async with watching(database) as stream:
        await database.prompts.insert_one({"_id": "a"})
        await read(stream)
        token = stream.position
    await database.prompts.insert_many([{"_id": "b"}, {"_id": "c"}])
    async with watching(database, token) as stream:
        assert [(await read(stream)).id for _ in range(2)] == ["b", "c"]


async def test_a_stream_that_is_opened_amid_writes_has_a_place_to_go_on_from(database: Database) -> None:
    """What is written at the very moment comes with the stream, and then MongoDB does not say where it begins."""

    async def write() -> None:
        for number in itertools.count():
            await database.prompts.insert_one({"_id": f"{number}"})

    writer = asyncio.create_task(write())
    try:
        for _ in range(OPENINGS):
            async with watching(database) as stream:
                assert stream.position
    finally:
        await end_task(writer)


async def test_events_are_small_however_big_the_change_is(database: Database) -> None:
    await database.prompts.insert_one({"_id": "a", "one": "x" * 9_000_000})
    async with watching(database) as stream:
        # The event of this one would hold 15 MB of new document and 15 MB of what is new in it.
        await database.prompts.replace_one({"_id": "a"}, {"two": "y" * 15_000_000})
        await database.prompts.update_one({"_id": "a"}, [{"$set": {"two": {"$concat": ["$two", "z"]}}}])
        assert [(await read(stream)).id for _ in range(2)] == ["a", "a"]


@pytest.mark.parametrize("code", RESUMABLE)
async def test_an_error_that_can_be_overcome_loses_nothing(fragile: Database, code: int) -> None:
    async with watching(fragile) as stream:
        await fragile.prompts.insert_one({"_id": "a"})
        await read(stream)
        # The driver tries once more by itself; what it gives up on after that comes to us.
        async with failing(fragile.client, ["getMore"], code, times=3):
            await fragile.prompts.insert_one({"_id": "b"})
            assert (await read(stream)).id == "b"


async def test_a_stream_that_cannot_be_opened_at_first_is_tried_again(fragile: Database) -> None:
    async with failing(fragile.client, ["aggregate"], 11602, times=3), watching(fragile) as stream:
        await fragile.prompts.insert_one({"_id": "a"})
        assert (await read(stream)).id == "a"
        assert stream.reopened > 0


@pytest.mark.parametrize("code", [136, 260, 280, 286, 10334, 40576])
async def test_a_history_that_is_said_to_be_lost_is_given_up(fragile: Database, code: int) -> None:
    async with watching(fragile) as stream, failing(fragile.client, ["getMore"], code, times=3):
        with pytest.raises(HistoryLostError, match=str(code)):
            await read(stream)


async def test_a_history_that_is_really_lost_is_given_up(fragile: Database) -> None:
    async with watching(fragile) as stream:
        await fragile.prompts.insert_one({"_id": "a"})
        change = await read(stream)
        token = stream.position
    await fragile.prompts.insert_one({"_id": "b"})
    now = (await fragile.client.admin.command("hello"))["operationTime"]
    assert now > change.cluster_time
    await forget_history(fragile.client, now)
    with pytest.raises(HistoryLostError, match="286"):
        async with watching(fragile, token):
            pass


async def test_an_idle_stream_beside_a_busy_neighbour_keeps_its_token_fresh(fragile: Database) -> None:
    async with watching(fragile) as stream:
        await fragile.prompts.insert_one({"_id": "a"})
        first = (await read(stream)).cluster_time
        forgetting = asyncio.create_task(forget_history(fragile.client, first))
        while not forgetting.done():
            assert await stream.next() is None
        await forgetting
        assert await stream.next() is None
        token = stream.position
    await fragile.prompts.insert_one({"_id": "b"})
    async with watching(fragile, token) as stream:
        assert (await read(stream)).id == "b"

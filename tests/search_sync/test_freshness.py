"""What a search tells of its index, in the worker's process and in others, and waiting for one's own writes."""

import asyncio
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from search_sync import freshness
from search_sync.freshness import FreshnessReader
from search_sync.status import State
from search_sync.worker import Worker
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, is_kept, running, tells, until
from tests.search_sync.own_mongod import failing, own_mongod
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


async def test_before_the_first_worker_nothing_is_known(database: Database, index: PlainIndex) -> None:
    fresh = await FreshnessReader(database, index).tell()
    assert (fresh.indexed_at, fresh.pending_changes) == (None, None)


async def test_the_worker_and_other_processes_tell_the_same(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start() as worker:
        here, there = FreshnessReader(database, index, worker), FreshnessReader(database, index, seconds=0)
        prompt = await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_in_step(database, index))
        await until(lambda: worker.status.pending == 0)

        async def is_same() -> bool:
            return await here.tell() == await there.tell()

        await until(is_same)
        await until(lambda: tells(here, 0))
        fresh = await here.tell()
        assert fresh.indexed_at
        assert abs((fresh.indexed_at - prompt.created_at).total_seconds()) < 10
        index.faults.is_down = True
        for number in range(3):
            await create_prompt(deps, ADA, draft(f"p{number}"))
        await until(lambda: tells(there, 3))
        await until(lambda: tells(here, 3))
    stopped = await FreshnessReader(database, index).tell()
    assert stopped.pending_changes is None  # nobody looks any more
    assert stopped.indexed_at == fresh.indexed_at


async def test_a_write_is_waited_for_and_no_longer_than_asked(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start() as worker:
        await until(lambda: index.builds)
        for reader in (FreshnessReader(database, index, worker), FreshnessReader(database, index)):
            prompt = await create_prompt(deps, ADA, draft(f"a{id(reader)}"))
            assert await reader.wait_for(prompt.id, prompt.revision, 10)
            assert prompt.id in index.documents
            index.faults.is_down = True
            rated = (await rate_prompt(deps, ADA, prompt.id, 5)).prompt
            async with asyncio.timeout(10):
                assert not await reader.wait_for(prompt.id, rated.revision, 0.2)
            assert await reader.wait_for(prompt.id, prompt.revision, 0.2)
            index.faults.is_down = False
            assert await reader.wait_for(prompt.id, rated.revision, 10)


async def test_what_was_just_waited_for_is_not_told_as_pending(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    """The index has it, as everybody sees, a moment before its writer is told so, as with a server over the network."""
    index.faults.after = lambda batch: asyncio.sleep(0.1)
    async with start() as worker:
        await until(lambda: is_kept(database))
        for reader in (FreshnessReader(database, index, worker), FreshnessReader(database, index)):
            for number in range(3):
                prompt = await create_prompt(deps, ADA, draft(f"p{number}-{id(reader)}"))
                assert await reader.wait_for(prompt.id, prompt.revision, 10)
                assert (await reader.tell_anew(10)).pending_changes in (0, None)  # None: for a second nothing ran here
            await until(lambda: tells(reader, 0))  # noqa: B023 - it is awaited at once
        index.faults.is_down = True
        await create_prompt(deps, ADA, draft("never in"))
        await until(lambda: tells(FreshnessReader(database, index, worker), 1))


async def test_while_the_stream_is_opened_again_nobody_knows_what_waits_and_a_change_missed_is_pending(
    tmp_path: Path,
) -> None:
    index = PlainIndex()
    async with own_mongod(tmp_path) as mongod, AsyncMongoClient[Document](mongod.url) as client:
        database, worker = client["some"], Worker(client, "some", index, QUICK)
        async with running(worker):
            here, there = FreshnessReader(database, index, worker), FreshnessReader(database, index, seconds=0)
            await database.prompts.insert_one({"_id": "bad"})  # so that the collection is there
            await until(lambda: worker.status.dead_letters)
            await until(lambda: worker.status.state is State.FOLLOWING)
            await until(lambda: tells(here, 0))
            async with failing(client, ["getMore", "aggregate"], 50, 1_000_000):
                await until(lambda: worker.status.state is State.WAITING, 3)
                assert (await here.tell()).pending_changes is None
                await database.prompts.insert_many([{"_id": f"p{number}", "name": number} for number in range(9)])
                assert not await here.wait_for("p1", 1, 0.3)
                assert (await here.tell()).pending_changes is None
            await until(lambda: worker.status.dead_letters == 10)
            await until(lambda: worker.status.state is State.FOLLOWING)

            async def knows_again() -> bool:
                return (await there.tell()).pending_changes == 0

            await until(knows_again)
            assert not await here.wait_for("p1", 1, 0.1)  # it is refused, so that the worker counts it no more
            await until(lambda: tells(here, 1))


async def test_while_there_is_no_room_for_changes_nobody_knows_how_many_wait(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start(settings=QUICK.model_copy(update={"pending_ids": 3})) as worker:
        await until(lambda: index.builds)
        reader = FreshnessReader(database, index, worker)
        index.faults.is_down = True
        for number in range(20):
            await create_prompt(deps, ADA, draft(f"p{number}"))

        async def is_unknown() -> bool:
            return (await reader.tell()).pending_changes is None

        async def is_known() -> bool:
            return (await reader.tell()).pending_changes == 0

        await until(is_unknown, 3)
        index.faults.is_down = False
        await until(is_known)
        assert await is_in_step(database, index)


async def test_a_deletion_is_waited_for(deps: Deps, database: Database, index: PlainIndex, start: Start) -> None:
    async with start() as worker:
        reader = FreshnessReader(database, index, worker)
        prompt = await create_prompt(deps, ADA, draft("a"))
        assert await reader.wait_for(prompt.id, 1, 10)
        index.faults.is_down = True
        gone = await delete_prompt(deps, ADA, prompt.id, prompt.name)
        assert not await reader.wait_for(prompt.id, gone.revision, 0.2)
        index.faults.is_down = False
        assert await reader.wait_for(prompt.id, gone.revision, 10)
        assert prompt.id not in index.documents


async def test_the_worker_of_the_same_process_wakes_whoever_waits(
    deps: Deps, database: Database, index: PlainIndex, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "_WOKEN_SECONDS", 60.0)  # nothing but being woken ends the wait in time
    async with start() as worker:
        await until(lambda: index.builds)
        reader = FreshnessReader(database, index, worker)
        for number in range(20):
            prompt = await create_prompt(deps, ADA, draft(f"p{number}"))
            assert await reader.wait_for(prompt.id, 1, 10)
            await asyncio.sleep(0.02)

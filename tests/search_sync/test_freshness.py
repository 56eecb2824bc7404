"""What a search tells of its index, in the worker's process and in others, and waiting for one's own writes."""

import asyncio
import time

from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from search_sync.freshness import FreshnessReader
from tests.fixtures import caller, draft
from tests.search_sync.conftest import Document, Start, is_in_step, until
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
        fresh = await here.tell()
        assert fresh.indexed_at
        assert abs((fresh.indexed_at - prompt.created_at).total_seconds()) < 5
        assert fresh.pending_changes == 0
        index.faults.is_down = True
        for number in range(3):
            await create_prompt(deps, ADA, draft(f"p{number}"))

        async def lacks_three() -> bool:
            return (await there.tell()).pending_changes == 3

        await until(lacks_three)
        assert (await here.tell()).pending_changes == 3
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
            assert await reader.wait_for(prompt.id, prompt.revision, 2)
            assert prompt.id in index.documents
            index.faults.is_down = True
            rated = (await rate_prompt(deps, ADA, prompt.id, 5)).prompt
            began = time.monotonic()
            assert not await reader.wait_for(prompt.id, rated.revision, 0.2)
            assert time.monotonic() - began < 0.5
            assert await reader.wait_for(prompt.id, prompt.revision, 0.2)
            index.faults.is_down = False
            assert await reader.wait_for(prompt.id, rated.revision, 5)


async def test_a_deletion_is_waited_for(deps: Deps, database: Database, index: PlainIndex, start: Start) -> None:
    async with start() as worker:
        reader = FreshnessReader(database, index, worker)
        prompt = await create_prompt(deps, ADA, draft("a"))
        assert await reader.wait_for(prompt.id, 1, 5)
        index.faults.is_down = True
        gone = await delete_prompt(deps, ADA, prompt.id, prompt.name)
        assert not await reader.wait_for(prompt.id, gone.revision, 0.2)
        index.faults.is_down = False
        assert await reader.wait_for(prompt.id, gone.revision, 5)
        assert prompt.id not in index.documents


async def test_the_worker_of_the_same_process_wakes_whoever_waits(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start() as worker:
        await until(lambda: index.builds)
        reader = FreshnessReader(database, index, worker)
        waits = []
        for number in range(20):
            prompt = await create_prompt(deps, ADA, draft(f"p{number}"))
            began = time.monotonic()
            assert await reader.wait_for(prompt.id, 1, 2)
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.02)
    assert sorted(waits)[10] < 0.05

"""A worker with a Meilisearch: a stand-in, and the real one where PROMPTGRAPH_TEST_MEILISEARCH_URL points to it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from search_sync.commands import verify
from search_sync.freshness import FreshnessReader
from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.status import Fate
from tests.contracts.conftest import needs_meilisearch, open_index
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_kept, tells, until

Database = AsyncDatabase[Document]

ADA = caller()


@pytest.fixture(params=["stand-in", pytest.param("meilisearch", marks=needs_meilisearch)])
async def server_index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MeilisearchIndex]:
    async with open_index(str(request.param), tmp_path) as opened:
        assert isinstance(opened, MeilisearchIndex)
        yield opened


async def has_no_differences(database: Database) -> bool:
    report = await verify(database, repair=False, on_progress=lambda phase, done, total: None)
    return report.count == 0


async def test_a_worker_goes_on_from_its_mark_and_what_was_waited_for_is_not_pending(
    deps: Deps, database: Database, server_index: MeilisearchIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(5)]
    async with start(server_index) as worker:
        await until(lambda: is_kept(database))
        for reader in (FreshnessReader(database, server_index, worker), FreshnessReader(database, server_index)):
            for number in range(5):
                rated = (await rate_prompt(deps, caller(f"{number}{id(reader)}"), prompts[number].id, 5)).prompt
                assert await reader.wait_for(rated.id, rated.revision, 10)
                assert (await reader.tell_anew(2.0)).pending_changes in (0, None)  # None: for a second nothing ran here
            await until(lambda: tells(reader, 0))  # noqa: B023 - it is awaited at once
        await delete_prompt(deps, ADA, prompts[0].id, prompts[0].name)
        assert await has_no_differences(database)
        assert worker.status.counters[Fate.REBUILDS] == 1
    await create_prompt(deps, ADA, draft("later"))
    async with start(server_index) as worker:
        assert await has_no_differences(database)
        assert worker.status.counters[Fate.REBUILDS] == 0


async def test_documents_that_were_dropped_on_the_server_are_written_again(
    deps: Deps, database: Database, server_index: MeilisearchIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a"))
    async with start(server_index) as worker:
        await until(lambda: is_kept(database))
        await asyncio.to_thread(server_index._slow_client.drop, server_index._prefix)
        await create_prompt(deps, ADA, draft("b"))
        await until(lambda: worker.status.counters[Fate.REBUILDS] == 2)
        assert await has_no_differences(database)
    await asyncio.to_thread(server_index._slow_client.drop, server_index._prefix)
    async with start(server_index, settings=QUICK) as worker:
        await until(lambda: worker.status.counters[Fate.REBUILDS] == 1)
        assert await has_no_differences(database)

"""What is searched while the index is built anew, and what is kept while it is slow."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import archive_prompt, create_prompt, unarchive_prompt
from search_sync.commands import reindex
from search_sync.index.protocol import SearchRequest, Sight
from search_sync.index.tantivy import TantivyIndex
from search_sync.worker import Worker
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, is_kept, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()
SEARCHES = 50


@pytest.fixture
async def tantivy(tmp_path: Path) -> AsyncIterator[TantivyIndex]:
    index = await TantivyIndex.open(tmp_path / "index", heap_bytes=15_000_000)
    yield index
    await index.close()


async def write_prompts(deps: Deps, many: int) -> list[str]:
    return [(await create_prompt(deps, ADA, draft(f"p{number}", "a lighthouse"))).id for number in range(many)]


async def unarchive_copied(deps: Deps, worker: Worker, ids: list[str]) -> None:
    """As soon as the build under way has copied them."""
    await until(lambda: worker.status.to_build and worker.status.built > len(ids))
    for one in ids:
        await unarchive_prompt(deps, ADA, one)


async def test_searches_during_a_reindex_all_answer_and_never_tell_fewer(
    deps: Deps, database: Database, tantivy: TantivyIndex, start: Start
) -> None:
    """The first prompts come back meanwhile: after they were copied, so that a gap in the new index would be seen."""
    ids = await write_prompts(deps, 60)
    for one in ids[:5]:
        await archive_prompt(deps, ADA, one)
    totals: list[int] = []
    async with start(tantivy, QUICK.model_copy(update={"batch_items": 1})) as worker:
        await until(lambda: is_kept(database))
        building = asyncio.create_task(reindex(database, lambda *_: None))
        writing = asyncio.create_task(unarchive_copied(deps, worker, ids[:5]))
        while len(totals) < SEARCHES or not building.done():
            answer = await tantivy.search(SearchRequest(sight=Sight(everything=True), text="lighthouse"))
            totals.append(answer.total)
            await asyncio.sleep(0.005)
        await asyncio.gather(building, writing)
        await until(lambda: is_kept(database))
    assert totals[0] == 55
    assert totals == sorted(totals)
    assert (await tantivy.search(SearchRequest(Sight(everything=True), "lighthouse"))).total == 60


async def test_a_slow_index_holds_up_the_stream_and_no_more_is_kept_than_may_be(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await write_prompts(deps, 40)
    async with start(settings=QUICK.model_copy(update={"pending_ids": 5})) as worker:
        await until(lambda: is_kept(database))
        index.faults.batches.clear()
        index.faults.seconds = 0.1
        await database.prompts.update_many({}, {"$inc": {"rev": 1}})
        seen: list[int] = []
        async with asyncio.timeout(20):
            while not await is_in_step(database, index):
                seen.append(worker.status.pending)
                await asyncio.sleep(0.01)
    assert 5 <= max(seen) <= 2 * 5, "some wait while as many are being written"
    assert max(len(batch.documents) for batch in index.faults.batches) <= 5

"""The whole way, from a change in the store to the index and the checkpoint."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.prompts import LATEST_VERSION
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from search_sync.index.protocol import Batch
from search_sync.source import PromptSource
from search_sync.status import Fate, State
from search_sync.worker import Worker
from tests.fixtures import caller, draft, text_version
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, is_kept, read_told, running, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


async def test_what_was_there_and_what_comes_is_in_the_index(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    old = await create_prompt(deps, ADA, draft("support/old"))
    async with start() as worker:
        await until(lambda: old.id in index.documents)
        new = await create_prompt(deps, ADA, draft("support/new", "Dear {{customer}},"))
        await append_version(deps, ADA, new.id, 1, text_version("Hello {{customer}},"))
        await set_label(deps, ADA, new.id, "production", LATEST_VERSION)
        await rate_prompt(deps, ADA, new.id, 4)
        await archive_prompt(deps, ADA, new.id)
        await delete_prompt(deps, ADA, old.id, old.name)
        await until(lambda: is_in_step(database, index))
        document = index.documents[new.id]
        assert (document.text, document.labels, document.average) == ("Hello {{customer}},", ("production",), 4.0)
        assert document.is_archived
        assert document.rev == 5
        assert old.id not in index.documents
        await until(lambda: worker.status.state is State.FOLLOWING)


async def test_usage_that_changes_without_a_revision_is_taken_in(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompt = await create_prompt(deps, ADA, draft("used"))
    async with start():
        await until(lambda: prompt.id in index.documents)
        await database.prompts.update_one({"_id": prompt.id}, {"$inc": {"usage_count": 7}})
        await until(lambda: index.documents[prompt.id].usage == 7)


async def test_the_checkpoint_is_gone_on_from(deps: Deps, database: Database, index: PlainIndex, start: Start) -> None:
    async with start():
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_in_step(database, index))
        await until(lambda: is_kept(database))
    await create_prompt(deps, ADA, draft("b"))
    async with start():
        await until(lambda: is_in_step(database, index))
    assert index.builds == 1


async def test_the_checkpoint_never_passes_a_write_that_failed(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start():
        await until(lambda: is_kept(database))
        index.faults.is_down = True
        before = (await read_told(database)).checkpoint
        prompt = await create_prompt(deps, ADA, draft("a"))
        await asyncio.sleep(0.5)
        during = await read_told(database)
        assert before
        assert during.checkpoint
        assert during.checkpoint.cluster_time == before.cluster_time
        assert during.status
        assert (during.status.pending, during.status.state) == (1, State.WAITING)
        assert during.status.lag_ms > 100
    index.faults.is_down = False
    async with start():
        await until(lambda: prompt.id in index.documents)
    assert index.builds == 1


async def test_an_index_that_was_down_is_caught_up_with(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    settings = QUICK.model_copy(update={"pending_ids": 5})
    async with start(settings=settings) as worker:
        await until(lambda: index.builds)
        index.faults.is_down = True
        for number in range(30):
            await create_prompt(deps, ADA, draft(f"p{number}"))
        await asyncio.sleep(0.3)
        assert worker.status.pending <= 10  # flat: what is not read stays in the oplog
        assert worker.status.counters[Fate.WRITES_FAILED] > 0
        index.faults.is_down = False
        await until(lambda: is_in_step(database, index))
        await until(lambda: worker.status.pending == 0)
        assert worker.status.lag_ms == 0


async def test_many_changes_are_written_in_few_batches(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(5)]
    async with start() as worker:
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.05
        written = len(index.faults.batches)
        for number in range(40):
            await rate_prompt(deps, caller(f"rater-{number}"), prompts[number % 5].id, 5)
        await until(lambda: is_in_step(database, index))
        assert worker.status.counters[Fate.CHANGES] >= 40
        assert len(index.faults.batches) - written <= 30


async def test_batches_are_bounded_in_items_and_bytes(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(12):
        await create_prompt(deps, ADA, draft(f"p{number}", "x" * 1_000))
    async with start(settings=QUICK.model_copy(update={"batch_items": 5, "batch_bytes": 2_500})):
        await until(lambda: is_in_step(database, index))
    assert max(len(batch.documents) for batch in index.faults.batches) <= 3


async def test_a_prompt_that_comes_back_with_a_lower_revision_is_taken_in(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompt = await create_prompt(deps, ADA, draft("a"))
    before = await database.prompts.find_one({"_id": prompt.id})
    assert before
    for number in range(1, 4):
        await append_version(deps, ADA, prompt.id, number, text_version(f"text {number}"))
    async with start():
        await until(lambda: index.documents and index.documents[prompt.id].rev == 4)
        await database.prompts.replace_one({"_id": prompt.id}, before)
        await until(lambda: index.documents[prompt.id].rev == 1)
        index.faults.seconds = 0.1  # so that both come in one round
        await create_prompt(deps, ADA, draft("b"))
        await database.prompts.delete_one({"_id": prompt.id})
        await database.prompts.insert_one({**before, "rev": 0})
        await until(lambda: is_in_step(database, index))


async def test_the_lag_is_what_a_hand_computes(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex
) -> None:
    ahead = timedelta(hours=1)
    worker = Worker(client, database.name, index, QUICK, clock=lambda: datetime.now(UTC) + ahead)
    async with running(worker):
        await until(lambda: is_kept(database))
        index.faults.is_down = True
        for number in range(3):
            await create_prompt(deps, ADA, draft(f"p{number}"))
        await until(lambda: worker.status.pending == 3)
        assert 3_600_000 <= worker.status.lag_ms < 3_620_000


async def test_ten_thousand_changes_of_fifty_prompts_end_where_the_store_does(
    database: Database, deps: Deps, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(50)]
    seen: dict[str, int] = {}

    def is_forward(batch: Batch) -> None:
        for document in batch.documents:
            assert index.documents[document.id].rev >= seen.get(document.id, 0)
            seen[document.id] = index.documents[document.id].rev

    async with start():
        await until(lambda: is_in_step(database, index))
        index.faults.after = is_forward
        chance = random.Random(7)
        updates: list[Any] = [
            database.prompts.update_many(
                {"_id": {"$in": [prompt.id for prompt in chance.sample(prompts, 25)]}}, {"$inc": {"rev": 1}}
            )
            for _ in range(400)
        ]
        for part in range(0, 400, 20):
            await asyncio.gather(*updates[part : part + 20])
        await until(lambda: is_in_step(database, index))
    assert sum(one["rev"] for one in await PromptSource(database, 5).page(None, 100)) == 50 + 400 * 25

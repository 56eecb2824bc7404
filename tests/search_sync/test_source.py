"""Reading prompts for the index: bounded in time, whatever the reader does between two of them."""

import asyncio
from itertools import count

from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.index.protocol import Batch
from search_sync.source import PromptSource
from search_sync.status import State
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()
PORTIONS = QUICK.model_copy(update={"batch_bytes": 2_000, "store_seconds": 1.0})
"""Rounds of several portions, so that the index is written to while a round is being read."""


async def write_prompts(deps: Deps, many: int) -> None:
    for number in range(many):
        await create_prompt(deps, ADA, draft(f"p{number}", "x" * 1_500))


async def test_the_time_limit_is_not_left_with_a_reader_that_stops_early(database: Database) -> None:
    await database.prompts.insert_many([{"_id": "a"}, {"_id": "b"}])
    source = PromptSource(database, 0.3)
    async for _ in source.read(["a", "b"]):
        break
    await asyncio.sleep(0.4)
    assert await database.prompts.count_documents({}) == 2


async def test_all_that_is_asked_for_is_read_however_much_it_is(database: Database) -> None:
    ids = [f"{number}" for number in range(250)]
    await database.prompts.insert_many([{"_id": one} for one in ids])
    assert [one["_id"] async for one in PromptSource(database, 5).read([*ids, "none"])] == sorted(
        ids, key=lambda one: (int(one) // 100, one)
    )


async def test_pages_go_on_over_ids_of_every_type_by_the_index_of_the_ids(database: Database) -> None:
    await database.prompts.insert_many([{"_id": one} for one in (1, 2, "$a", "b", {"c": 1}, {"c": 2})])
    source, after, seen = PromptSource(database, 5), None, []
    while page := await source.page(after, 1):
        after = page[-1]["_id"]
        seen.append(str(after))
    assert seen == ["1", "2", "$a", "b", "{'c': 1}", "{'c': 2}"]
    plan = await database.prompts.find({"$expr": {"$gt": ["$_id", {"$literal": "$a"}]}}).sort("_id").limit(1).explain()
    assert plan["executionStats"]["totalKeysExamined"] <= 2


async def test_an_index_that_fails_within_a_round_of_several_portions_is_caught_up_with(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await write_prompts(deps, 8)
    async with start(settings=PORTIONS) as worker:
        await until(lambda: is_in_step(database, index))
        numbers = count()

        def fail_at_the_third(batch: Batch) -> None:
            if next(numbers) == 2:
                index.faults.is_down = True

        index.faults.before = fail_at_the_third
        await database.prompts.update_many({}, {"$inc": {"rev": 1}})
        await until(lambda: worker.status.state is State.WAITING)
        await asyncio.sleep(PORTIONS.store_seconds * 1.5)
        index.faults.is_down = False
        await until(lambda: is_in_step(database, index), 5)
        await create_prompt(deps, ADA, draft("later"))
        await until(lambda: is_in_step(database, index), 5)


async def test_a_slow_index_that_is_well_is_caught_up_with(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await write_prompts(deps, 110)
    async with start(settings=QUICK.model_copy(update={"batch_bytes": 30_000, "store_seconds": 2.0})):
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.5
        await database.prompts.update_many({}, {"$inc": {"rev": 1}})
        await until(lambda: is_in_step(database, index), 12)

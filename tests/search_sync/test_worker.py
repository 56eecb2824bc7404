"""The whole way, from a change in the store to the index and the checkpoint."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.prompts import LATEST_VERSION
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from search_sync.commands import verify
from search_sync.index.protocol import Batch
from search_sync.lease import Lease, Told
from search_sync.source import PromptSource
from search_sync.status import Fate, State
from search_sync.worker import Worker
from tests.fixtures import caller, draft, text_version
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, running, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


async def read_told(database: Database) -> Told:
    return await Lease(database, "index", "somebody", 5).read()


async def is_kept(database: Database) -> bool:
    """Whether the checkpoint is at the end of what the index has taken in."""
    told = await read_told(database)
    return bool(told.checkpoint and told.status and told.status.pending == 0 and told.status.indexed_at)


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
        assert worker.status.state is State.FOLLOWING


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


async def test_an_update_between_read_and_write_of_the_same_prompt_wins(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompt = await create_prompt(deps, ADA, draft("p", "first"))
    surprises = iter(["second", "third"])

    async def surprise(batch: Batch) -> None:
        text = next(surprises, None)
        if text is not None and batch.documents:
            await append_version(deps, ADA, prompt.id, 1 if text == "second" else 2, text_version(text))

    index.faults.before = surprise  # the first lands during the copy, the other in the following of it
    async with start():
        await until(lambda: prompt.id in index.documents and index.documents[prompt.id].text == "third")


async def test_what_was_read_ahead_of_the_copy_and_deleted_meanwhile_does_not_come_back(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(3)]
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})) as worker:

        async def delete_the_next(batch: Batch) -> None:
            index.faults.before = None
            await asyncio.sleep(0.2)  # by now the next page has been read
            await delete_prompt(deps, ADA, prompts[1].id, prompts[1].name)
            await until(lambda: worker.status.counters[Fate.CHANGES] > 0)

        index.faults.before = delete_the_next
        await until(lambda: index.builds)
        await until(lambda: is_kept(database))
        assert set(index.documents) == {prompts[0].id, prompts[2].id}


async def test_the_first_copy_under_writers_has_no_gap(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(40)]
    index.faults.seconds = 0.01

    async def write(number: int) -> None:
        chance = random.Random(number)
        mine = prompts[number::4]
        for step in range(15):
            prompt = chance.choice(mine)
            await rate_prompt(deps, caller(f"{number}-{step}"), prompt.id, 3)
            await database.prompts.update_one({"_id": prompt.id}, {"$inc": {"usage_count": 1}})
        await delete_prompt(deps, ADA, mine[0].id, mine[0].name)
        await create_prompt(deps, ADA, draft(f"new{number}"))

    async with start(settings=QUICK.model_copy(update={"batch_items": 2})):
        await asyncio.gather(*(write(number) for number in range(4)))
        await until(lambda: is_in_step(database, index))
        await until(lambda: is_kept(database))
    assert index.builds == 1


@pytest.mark.parametrize("deed", ["drop", "dropDatabase", "rename", "renameOver"])
async def test_a_collection_that_was_changed_as_a_whole_is_indexed_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start, deed: str
) -> None:
    prompt = await create_prompt(deps, ADA, draft("a"))
    await create_prompt(deps, ADA, draft("b"))
    document = await database.prompts.find_one({"_id": prompt.id})
    assert document
    async with start():
        await until(lambda: len(index.documents) == 2)
        if deed == "drop":
            await database.prompts.drop()
        elif deed == "dropDatabase":
            await database.client.drop_database(database.name)
        elif deed == "rename":
            await database.prompts.rename("others")
        else:
            await database.others.insert_one({**document, "name": "c", "rev": 1})
            await database.others.rename("prompts", dropTarget=True)
        await until(lambda: is_in_step(database, index))
        if deed != "renameOver":
            await database.prompts.insert_one(document)
        await until(lambda: list(index.documents) == [prompt.id])
        await until(lambda: is_kept(database))


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


async def test_a_changed_fingerprint_builds_the_index_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a", "x" * 50))
    async with start():
        await until(lambda: is_kept(database))
    async with start(settings=QUICK.model_copy(update={"text_characters": 10})):
        await until(lambda: index.builds == 2)
    assert [document.text for document in index.documents.values()] == ["x" * 10]


async def test_an_index_that_was_emptied_behind_the_workers_back_is_built_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a"))
    async with start():
        await until(lambda: is_kept(database))
    fresh = PlainIndex()
    async with start(fresh):
        await until(lambda: is_in_step(database, fresh))


async def test_a_build_that_is_interrupted_leaves_the_old_index_and_starts_again(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(6):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start():
        await until(lambda: is_kept(database))
    old = dict(index.documents)
    other = QUICK.model_copy(update={"text_characters": 3, "batch_items": 2})
    index.faults.seconds = 0.1
    async with start(settings=other) as worker:
        await until(lambda: worker.status.built >= 2)
        assert worker.status.pending > 0
    assert (index.documents, index.builds, index.abandoned) == (old, 1, 1)
    index.faults.seconds = 0
    async with start(settings=other):
        await until(lambda: index.builds == 2)
    assert all(len(document.text) == 3 for document in index.documents.values())


async def test_a_poison_document_goes_to_the_dead_letters_and_its_neighbours_go_in(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start() as worker:
        await until(lambda: is_kept(database))
        index.faults.is_down = True
        prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(3)]
        bad = prompts[1]
        index.faults.poison, index.faults.is_down = {bad.id}, False
        await until(lambda: set(index.documents) == {prompts[0].id, prompts[2].id})
        await until(lambda: worker.status.dead_letters == 1)
        letter = await database.sync_dead_letters.find_one()
        assert letter
        assert (letter["prompt_id"], letter["reason"], letter["rev"]) == (bad.id, "It is poison.", 1)
        await rate_prompt(deps, ADA, bad.id, 5)
        await until(lambda: worker.status.counters[Fate.REFUSED] == 2)
        letter = await database.sync_dead_letters.find_one()
        assert letter
        assert letter["attempts"] == 2
        index.faults.poison.clear()
        await rate_prompt(deps, ADA, bad.id, 4)
        await until(lambda: bad.id in index.documents)
        await until(lambda: worker.status.dead_letters == 0)
        assert await database.sync_dead_letters.count_documents({}) == 0


async def test_what_is_no_prompt_is_a_dead_letter_and_stops_nothing(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await database.prompts.insert_one({"_id": "strange", "name": "x"})
    await database.prompts.insert_one({"name": "y"})  # its id is no text either
    async with start() as worker:
        prompt = await create_prompt(deps, ADA, draft("a"))
        await until(lambda: list(index.documents) == [prompt.id])
        assert worker.status.dead_letters == 2
        await database.prompts.delete_many({"_id": {"$ne": prompt.id}})
        await until(lambda: worker.status.dead_letters == 0)


async def test_an_id_that_is_no_text_is_a_dead_letter_by_its_look_and_stops_nothing(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await database.prompts.insert_many([{"_id": 5, "name": "x5"}, {"_id": {"b": 2}, "name": "xb"}])
    before = await create_prompt(deps, ADA, draft("before"))
    async with start(settings=QUICK.model_copy(update={"batch_items": 1, "retry_seconds": 0.2})) as worker:
        await until(lambda: list(index.documents) == [before.id])
        await until(lambda: worker.status.dead_letters == 2)
        await database.prompts.insert_one({"_id": {"a": 1}, "name": "xa"})
        prompt = await create_prompt(deps, ADA, draft("after"))
        await until(lambda: prompt.id in index.documents)
        await until(lambda: worker.status.counters[Fate.REFUSED] >= 6)  # they are offered again, and kept
        assert set(await database.sync_dead_letters.distinct("prompt_id")) == {"5", "{'a': 1}", "{'b': 2}"}
        assert worker.status.counters[Fate.FAILURES] == 0
        report = await verify(database, repair=True, on_progress=lambda phase, done, total: None)
        assert set(report.left) == {"5", "{'a': 1}", "{'b': 2}"}
        await database.prompts.delete_many({"name": {"$in": ["x5", "xa", "xb"]}})
        await until(lambda: worker.status.dead_letters == 0)


async def test_of_two_workers_one_works_and_the_other_takes_over(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex
) -> None:
    first = Worker(client, database.name, index, QUICK)
    second = Worker(client, database.name, index, QUICK)
    async with running(second):
        async with running(first):
            await until(lambda: first.is_leading or second.is_leading)
            await until(lambda: is_kept(database))
            assert first.is_leading != second.is_leading
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_in_step(database, index))
        assert second.is_leading
        assert second.status.state is State.FOLLOWING
    assert index.builds == 1
    assert not (await read_told(database)).is_alive


async def test_a_paused_worker_that_was_overtaken_writes_nothing_more(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex, start: Start
) -> None:
    """Its write is held up between the lease's last check and the index, as long as it takes to be overtaken."""
    zombie_index, go_on = PlainIndex(), asyncio.Event()
    zombie_index.built_with = "not yet"
    prompt = await create_prompt(deps, ADA, draft("a"))
    zombie = Worker(client, database.name, zombie_index, QUICK)
    lease = zombie._lease
    async with running(zombie):
        await until(lambda: is_kept(database))

        async def hang(batch: Batch) -> None:
            lease._seconds = 0.0  # from now on every beat comes too late, as those of a paused process do
            await go_on.wait()

        zombie_index.faults.before = hang
        await rate_prompt(deps, ADA, prompt.id, 1)
        await until(lambda: not lease.is_good)
        async with start() as follower:
            await until(lambda: follower.is_leading)
            await delete_prompt(deps, ADA, prompt.id, prompt.name)
            await until(lambda: is_in_step(database, index))
            await until(lambda: is_kept(database))
            checkpoint = (await read_told(database)).checkpoint
            go_on.set()
            await asyncio.sleep(0.3)
            assert await is_in_step(database, index)
            told = await read_told(database)
            assert told.status
            assert told.status.holder == follower.status.holder
            assert checkpoint
            assert told.checkpoint
            assert told.checkpoint.token["_data"] >= checkpoint.token["_data"]


async def test_what_a_worker_wrote_too_late_is_looked_at_again(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex
) -> None:
    """One index for both: the late write brings back a prompt that was deleted meanwhile, and does not stay."""
    prompt = await create_prompt(deps, ADA, draft("a"))
    zombie, follower = (Worker(client, database.name, index, QUICK) for _ in range(2))
    async with running(zombie):
        await until(lambda: is_kept(database))
        late = index.documents[prompt.id]
    async with running(follower):
        await until(lambda: follower.is_leading)
        await delete_prompt(deps, ADA, prompt.id, prompt.name)
        await until(lambda: prompt.id not in index.documents)
        index.documents[prompt.id] = replace(late, rev=99)
        zombie._disowned.add(prompt.id)
        await zombie._own_up()
        await until(lambda: prompt.id not in index.documents)


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

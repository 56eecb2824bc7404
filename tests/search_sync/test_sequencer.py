"""Every event gets its number and its place in the chain, once, in the order of each prompt's revisions."""

import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient

from graph.domain.feed import ResetReason
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.ratings import rate_prompt
from search_sync.commands import working
from search_sync.sequencer import Sequencer
from tests.fixtures import caller, draft
from tests.search_sync.chains import Database, is_numbered, numbering, read_chain
from tests.search_sync.conftest import QUICK, Document, until

ADA = caller()


async def write_events(database: Database, count: int, prompts: int, chance: random.Random) -> None:
    """As an older release has left them: without numbers, and with clocks that differ by a second."""
    revisions = [0] * prompts
    began = datetime(2026, 1, 1, tzinfo=UTC)
    events = []
    for number in range(count):
        prompt = chance.randrange(prompts)
        revisions[prompt] += 1
        at = began + timedelta(milliseconds=10 * number + chance.randint(-1000, 1000))
        events.append(
            {"_id": f"p{prompt}:{revisions[prompt]}", "prompt_id": f"p{prompt}", "rev": revisions[prompt], "at": at}
        )
    chance.shuffle(events)
    await database.events.insert_many(events)


async def test_an_event_gets_its_number_within_moments(deps: Deps, database: Database) -> None:
    async with numbering(database) as sequencer:
        await until(lambda: sequencer.is_leading)
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_numbered(database), 5)
    assert len(await read_chain(database)) == 1


async def test_eight_writers_at_once_are_numbered_without_a_gap(deps: Deps, database: Database) -> None:
    prompts = [(await create_prompt(deps, ADA, draft(name))).id for name in "abcd"]

    async def write(number: int) -> None:
        chance = random.Random(number)
        for _ in range(15):
            await rate_prompt(deps, caller(f"writer-{number}"), chance.choice(prompts), chance.randint(1, 5))

    async with numbering(database, QUICK.model_copy(update={"sequence_items": 3})):
        await asyncio.gather(*(write(number) for number in range(8)))
        await until(lambda: is_numbered(database))
    assert len(await read_chain(database)) > 50


async def test_what_an_older_release_has_written_is_numbered_by_time_and_revision(database: Database) -> None:
    await write_events(database, 400, 7, random.Random(4))
    async with numbering(database, QUICK.model_copy(update={"sequence_items": 20})):
        await until(lambda: is_numbered(database))
    events = await read_chain(database)
    assert len(events) == 400
    late = [one["at"] - two["at"] for one, two in itertools.pairwise(events)]
    assert max(late) < timedelta(seconds=3), "the order is about that of time"


async def test_a_prompt_whose_clock_ran_backward_is_numbered_by_revision(database: Database) -> None:
    """The latest times belong to the earliest revisions, many batches long."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    await database.events.insert_many(
        {"_id": f"p:{rev}", "prompt_id": "p", "rev": rev, "at": began - timedelta(seconds=rev)} for rev in range(1, 101)
    )
    async with numbering(database, QUICK.model_copy(update={"sequence_items": 10})):
        await until(lambda: is_numbered(database))
    assert [event["rev"] for event in await read_chain(database)] == list(range(1, 101))


async def test_a_record_that_makes_no_sense_does_not_stop_the_feed(database: Database) -> None:
    odd: list[dict[str, Any]] = [
        {"at": "yesterday"},
        {"prompt_id": "p", "rev": "x", "at": None},
        {"change": {"a": b"1"}},
    ]
    await database.events.insert_many(odd)
    async with numbering(database):
        await until(lambda: is_numbered(database))
    assert {event["seq"] for event in await database.events.find().to_list()} == {1, 2, 3}


async def test_of_two_sequencers_one_numbers_and_the_other_takes_over_at_once(deps: Deps, database: Database) -> None:
    async with numbering(database) as second:
        async with numbering(database) as first:
            await until(lambda: first.is_leading or second.is_leading)
            await create_prompt(deps, ADA, draft("a"))
            await until(lambda: is_numbered(database))
            assert first.is_leading != second.is_leading
        await create_prompt(deps, ADA, draft("b"))
        await until(lambda: is_numbered(database))
        assert second.is_leading
    assert len(await read_chain(database)) == 2


async def test_the_next_holder_need_not_wait_for_the_transaction_of_a_dead_one(
    deps: Deps, database: Database, client: AsyncMongoClient[Document]
) -> None:
    """Killed between its writes and its commit: MongoDB would keep the documents locked for a minute."""
    async with numbering(database) as sequencer:
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_numbered(database))
        holder = await database.sync_state.find_one({"_id": "feed"})
        assert holder
        assert "session" in holder
    async with client.start_session() as session:
        await database.sync_state.update_one({"_id": "feed"}, {"$set": {"session": session.session_id["id"]}})
        await session.start_transaction()
        await database.sync_state.update_one({"_id": "feed"}, {"$inc": {"seq": 1}}, session=session)
        await create_prompt(deps, ADA, draft("b"))
        async with numbering(database) as sequencer:
            await until(lambda: sequencer.is_leading, 10)
            await until(lambda: is_numbered(database), 10)
    assert len(await read_chain(database)) == 2


async def test_one_that_was_overtaken_writes_nothing_more(deps: Deps, database: Database) -> None:
    zombie = Sequencer(database.client, database.name, QUICK)
    async with working(zombie):
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_numbered(database))
        await database.sync_state.update_one(
            {"_id": "feed"}, [{"$set": {"fence": 99, "holder": "b", "until": {"$add": ["$$NOW", 60_000]}}}]
        )
        await create_prompt(deps, ADA, draft("b"))
        await until(lambda: not zombie.is_leading)
        assert await database.events.count_documents({"seq": None}) == 1
        await database.sync_state.update_one({"_id": "feed"}, [{"$set": {"until": "$$NOW"}}])
        await until(lambda: is_numbered(database))
    assert len(await read_chain(database)) == 2


async def test_a_lost_state_document_is_made_anew_from_the_events(deps: Deps, database: Database) -> None:
    async with numbering(database):
        for name in "abc":
            await create_prompt(deps, ADA, draft(name))
        await until(lambda: is_numbered(database))
    await database.sync_state.delete_one({"_id": "feed"})
    await create_prompt(deps, ADA, draft("d"))
    async with numbering(database):
        await until(lambda: is_numbered(database))
        # also while it works: the fence is gone with the document
        await database.sync_state.delete_one({"_id": "feed"})
        await create_prompt(deps, ADA, draft("e"))
        await until(lambda: is_numbered(database))
    assert len(await read_chain(database)) == 5


async def test_a_state_document_from_a_backup_does_not_give_a_number_twice(deps: Deps, database: Database) -> None:
    async with numbering(database):
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_numbered(database))
        old = await database.sync_state.find_one({"_id": "feed"})
        assert old
        await create_prompt(deps, ADA, draft("b"))
        await until(lambda: is_numbered(database))
    await database.sync_state.replace_one({"_id": "feed"}, old)
    await create_prompt(deps, ADA, draft("c"))
    async with numbering(database):
        await until(lambda: is_numbered(database))
    assert len(await read_chain(database)) == 3


async def test_a_registry_that_is_set_back_to_a_backup_under_a_sequencer_goes_on_from_there(
    deps: Deps, database: Database
) -> None:
    async with numbering(database):
        for name in "abc":
            await create_prompt(deps, ADA, draft(name))
        await until(lambda: is_numbered(database))
        backup = {name: await database[name].find().to_list() for name in ("events", "sync_state")}
        for name in "de":
            await create_prompt(deps, ADA, draft(name))
        await until(lambda: is_numbered(database))
        for name, documents in backup.items():
            await database.drop_collection(name)
            await database[name].insert_many(documents)
        assert (await deps.store.feed.span()).why_not_from(5) is ResetReason.HISTORY_LOST
        await create_prompt(deps, ADA, draft("f"))
        await until(lambda: is_numbered(database))
    assert [event["after"]["name"] for event in await read_chain(database)] == ["a", "b", "c", "f"]

"""The oldest records go when they are old enough, from the beginning on, and the chain can still be followed."""

from datetime import UTC, datetime, timedelta

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.chain_check import check_chain
from search_sync.sequencer import Sequencer
from tests.fixtures import caller, draft
from tests.search_sync.chains import Database, number_all, numbering
from tests.search_sync.conftest import QUICK, until

A_WEEK = QUICK.model_copy(update={"retention_days": 7, "sequence_items": 2})


async def make_chain(deps: Deps, database: Database, *days: int) -> None:
    """Records of so many days ago."""
    for number, age in enumerate(days):
        prompt = await create_prompt(deps, caller(), draft(f"p{number}"))
        at = datetime.now(UTC) - timedelta(days=age)
        await database.events.update_one({"prompt_id": prompt.id}, {"$set": {"at": at}})


async def span(deps: Deps) -> tuple[int, int]:
    found = await deps.store.feed.span()
    return found.first, found.last


async def test_what_is_older_goes_and_the_rest_stays_a_chain(deps: Deps, database: Database) -> None:
    await make_chain(deps, database, 9, 9, 8, 8, 8, 1, 0)
    await number_all(database)
    async with numbering(database, A_WEEK):
        await until(lambda: _is(deps, (6, 7)))
    assert [one["seq"] for one in await database.events.find().sort("seq", 1).to_list()] == [6, 7]
    checked = await check_chain(database)
    assert (checked.first, checked.last, checked.is_anchored, checked.finding) == (6, 7, True, None)


async def test_only_a_beginning_goes(deps: Deps, database: Database) -> None:
    """An old time in the middle is that of a clock that was wrong: what comes before it is kept, so it is too."""
    await make_chain(deps, database, 9, 0, 9)
    for seq, event in enumerate(await database.events.find().sort("_id", 1).to_list(), start=1):
        await database.events.update_one({"_id": event["_id"]}, {"$set": {"seq": seq, "hash": str(seq)}})
    async with numbering(database, A_WEEK):
        await until(lambda: _is(deps, (2, 3)))


async def test_when_all_are_gone_the_numbers_go_on(deps: Deps, database: Database) -> None:
    await make_chain(deps, database, 9, 9, 9)
    async with numbering(database, A_WEEK):
        await until(lambda: _is(deps, (4, 3)))
        await create_prompt(deps, caller(), draft("new"))
        await until(lambda: _is(deps, (4, 4)))
    assert (await check_chain(database)).finding is None


async def test_a_lost_state_document_does_not_break_what_retention_has_left(deps: Deps, database: Database) -> None:
    await make_chain(deps, database, 9, 0, 0)
    async with numbering(database, A_WEEK):
        await until(lambda: _is(deps, (2, 3)))
    await database.sync_state.delete_one({"_id": "feed"})
    async with numbering(database) as sequencer:
        await until(lambda: _is_open(sequencer, deps))
    checked = await check_chain(database)
    assert (checked.first, checked.last, checked.is_anchored, checked.finding) == (2, 3, False, None)


async def _is(deps: Deps, wanted: tuple[int, int]) -> bool:
    return await span(deps) == wanted


async def _is_open(sequencer: Sequencer, deps: Deps) -> bool:
    return sequencer.is_leading and await span(deps) == (2, 3)

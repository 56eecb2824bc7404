"""What is stamped is stamped by the holder of the lease, in one piece or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymongo.errors import OperationFailure

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.lease import Lease, LeaseLostError
from search_sync.ledger import FEED, Ledger
from tests.fixtures import caller, draft
from tests.search_sync.chains import Database

FOREVER = 60.0


@asynccontextmanager
async def holding(database: Database, holder: str) -> AsyncIterator[Ledger]:
    """Takes the lease, whoever has it, and opens the ledger with it."""
    await database.sync_state.update_one({"_id": FEED}, [{"$set": {"until": {"$subtract": ["$$NOW", 1]}}}])
    lease = Lease(database, FEED, holder, FOREVER)
    assert await lease.acquire()
    ledger = Ledger(database.client, database.name, holder, 10, 10.0)
    await ledger.prepare()
    async with database.client.start_session() as session:
        await ledger.open(session, lease.fence)
        yield ledger


async def test_who_was_overtaken_stamps_and_removes_nothing(deps: Deps, database: Database) -> None:
    await create_prompt(deps, caller(), draft("a"))
    async with holding(database, "first") as first:
        assert await first.stamp() == 1
        async with holding(database, "second"):
            await create_prompt(deps, caller(), draft("b"))
            with pytest.raises(LeaseLostError):
                await first.stamp()
            with pytest.raises(LeaseLostError):
                await first.expire(deps.clock())
    assert await database.events.count_documents({"seq": None}) == 1
    assert await database.events.count_documents({"seq": 1}) == 1


async def test_the_same_holder_with_an_older_fence_stamps_nothing(deps: Deps, database: Database) -> None:
    async with holding(database, "same") as first, holding(database, "same"):
        await create_prompt(deps, caller(), draft("a"))
        with pytest.raises(LeaseLostError):
            await first.stamp()


async def test_a_ledger_whose_end_moved_under_it_stamps_nothing(deps: Deps, database: Database) -> None:
    """Somebody else has numbered, or the database was set back: then it has to be opened anew."""
    async with holding(database, "first") as ledger:
        await create_prompt(deps, caller(), draft("a"))
        await database.sync_state.update_one({"_id": FEED}, {"$set": {"seq": 7}})
        with pytest.raises(LeaseLostError):
            await ledger.stamp()
    assert await database.events.count_documents({"seq": None}) == 1


@pytest.mark.parametrize("is_overdue", [True, False])
async def test_the_session_of_a_holder_is_ended_once_its_lease_is_overdue(database: Database, is_overdue: bool) -> None:
    """Killed between its writes and its commit, it would keep what it has written locked for as long as MongoDB lets
    a transaction live.
    """
    async with holding(database, "dead"), database.client.start_session() as session:
        until = {"$subtract": ["$$NOW", 1]} if is_overdue else {"$add": ["$$NOW", 60_000]}
        facts = {"until": until, "session": {"$literal": session.session_id["id"]}}
        await database.sync_state.update_one({"_id": FEED}, [{"$set": facts}])
        await session.start_transaction()
        await database.sync_state.update_one({"_id": FEED}, {"$set": {"note": 1}}, session=session)
        await Ledger(database.client, database.name, "next", 10, 10.0).clear_the_way()
        if is_overdue:
            with pytest.raises(OperationFailure, match="NoSuchTransaction"):
                await session.commit_transaction()
        else:
            await session.commit_transaction()

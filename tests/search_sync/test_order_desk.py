"""Orders that cannot be carried out fail with their reason, and hold up nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.commands import OrderFailedError, Patience, reindex, verify
from search_sync.index.protocol import IndexUnavailableError
from search_sync.orders import NOBODY_WAITS, Order, OrderKind, Orders, OrderState
from search_sync.status import Fate
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


class UnreadableIndex(PlainIndex):
    """One that cannot be read, for a reason that does not pass."""

    async def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        raise ValueError("a broken page")
        yield "", 0, ""


async def read_failed(database: Database, order: ObjectId) -> Order | None:
    found = await Orders(database, "index").get(order)
    return found if found and found.state is OrderState.FAILED else None


async def place_unknown(database: Database) -> ObjectId:
    order = ObjectId()
    facts = {"_id": order, "order_for": "index", "kind": "optimise", "state": "waiting"}
    await database.sync_state.insert_one(facts)
    return order


async def test_an_order_of_an_unknown_kind_fails_at_once_and_holds_up_nothing(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    strange = await place_unknown(database)
    async with start() as worker:
        report = await verify(database, repair=False, on_progress=lambda phase, done, total: None)
        assert report.count == 0
        found = await database.sync_state.find_one({"_id": strange})
        assert found
        assert found["state"] == "failed"
        assert "optimise" in found["error"]
        assert worker.status.counters[Fate.FAILURES] == 0
        prompt = await create_prompt(deps, ADA, draft("after"))
        await until(lambda: prompt.id in index.documents)


async def test_an_order_whose_deed_raises_fails_after_some_tries_and_the_index_is_followed_on(
    deps: Deps, database: Database, start: Start
) -> None:
    index = UnreadableIndex()
    async with start(index) as worker:
        order = await Orders(database, "index").place(OrderKind.VERIFY)
        await until(lambda: read_failed(database, order))
        failed = await read_failed(database, order)
        assert failed
        assert "a broken page" in str(failed.error)
        assert worker.status.counters[Fate.FAILURES] == 0
        prompt = await create_prompt(deps, ADA, draft("after"))
        await until(lambda: prompt.id in index.documents)


class ClosedIndex(PlainIndex):
    """One that does not even say what it was built with, while it is closed."""

    is_closed = False

    async def fingerprint(self) -> str | None:
        if self.is_closed:
            raise IndexUnavailableError("It is closed.")
        return await super().fingerprint()

    async def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        if self.is_closed:
            raise IndexUnavailableError("It is closed.")
        async for row in super().scan():
            yield row


async def test_a_reindex_of_an_index_that_is_down_says_so_and_is_given_up_and_withdrawn(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    phases: list[str] = []
    await create_prompt(deps, ADA, draft("a"))
    async with start() as worker:
        await until(lambda: index.documents)
        index.faults.is_down = True
        with pytest.raises(OrderFailedError, match=r"for 0.5 seconds.*waiting for the index: It is down\."):
            await reindex(database, lambda phase, done, total: phases.append(phase), patience=Patience(0.5))
        assert "waiting for the index: It is down." in phases
        assert await Orders(database, "index").next() is None
        index.faults.is_down = False
        report = await verify(database, repair=False, on_progress=lambda *_: None)  # the desk has let go of the other
        assert report.count == 0
        assert (worker.status.built, worker.status.to_build) == (0, 0)


async def test_an_index_that_cannot_be_read_is_told_by_verify_which_gives_up(
    deps: Deps, database: Database, start: Start
) -> None:
    index, phases = ClosedIndex(), list[str]()
    await create_prompt(deps, ADA, draft("a"))
    async with start(index):
        await until(lambda: index.documents)
        index.is_closed = True
        with pytest.raises(OrderFailedError, match="the index: It is closed"):
            await verify(database, False, lambda phase, done, total: phases.append(phase), patience=Patience(0.5))
    assert "waiting for the index: It is closed." in phases


async def test_an_index_that_is_down_from_the_start_is_no_missing_worker(database: Database, start: Start) -> None:
    index = ClosedIndex()
    index.is_closed = True
    async with start(index):
        with pytest.raises(OrderFailedError, match="the index: It is closed"):
            await verify(database, repair=False, on_progress=lambda *_: None, patience=Patience(1.0))


async def test_an_order_that_makes_headway_is_waited_for_though_the_index_falters(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(6):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})):
        await until(lambda: is_in_step(database, index))
        tries = 0

        def falter(batch: object) -> None:
            nonlocal tries
            tries += 1
            if tries % 6:
                raise IndexUnavailableError("It falters.")

        index.faults.before = falter
        assert await reindex(database, lambda *_: None, patience=Patience(1.5)) == 6
    assert tries > 30


async def test_a_command_waits_no_longer_than_it_was_told(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    go_on = asyncio.Event()
    index.faults.before = lambda batch: go_on.wait()
    await create_prompt(deps, ADA, draft("a"))
    async with start():
        with pytest.raises(OrderFailedError, match=r"0\.3 seconds are over"):
            await reindex(database, lambda *_: None, patience=Patience(60.0, 0.3))
        go_on.set()


@pytest.mark.parametrize("delay", [0.0, 0.001, 0.01, 0.05, 0.15])
async def test_an_order_that_nobody_waits_for_any_more_is_withdrawn(database: Database, delay: float) -> None:
    orders = Orders(database, "index")
    waiting = asyncio.create_task(reindex(database, lambda *_: None))
    await until(orders.next)
    await asyncio.sleep(delay)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    assert await orders.next() is None


async def test_an_order_that_is_withdrawn_while_it_runs_is_let_go_of(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(8):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})) as worker:
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.3
        waiting = asyncio.create_task(reindex(database, lambda *_: None))
        await until(lambda: worker.status.built)
        waiting.cancel()
        await asyncio.wait([waiting])
        await until(lambda: index.abandoned)
        index.faults.seconds = 0.0
        prompt = await create_prompt(deps, ADA, draft("after"))
        await until(lambda: prompt.id in index.documents)
        assert index.builds == 1


async def test_what_was_withdrawn_does_not_come_back(database: Database) -> None:
    orders = Orders(database, "index")
    order = await orders.place(OrderKind.VERIFY)
    await orders.withdraw(order, "Nobody waits.")
    await orders.tell(order, "comparing", 1, 2)
    await orders.close(order, {"differences": 0})
    found = await orders.get(order)
    assert found
    assert (found.state, found.error) == (OrderState.FAILED, "Nobody waits.")
    assert replace(found, error=None).result == {}
    assert await orders.next() is None


async def test_what_nobody_waits_for_any_more_is_not_begun(database: Database, index: PlainIndex, start: Start) -> None:
    orders = Orders(database, "index")
    order = await orders.place(OrderKind.REINDEX, wanted_seconds=0.05)
    await asyncio.sleep(0.1)
    async with start():
        await until(lambda: read_failed(database, order))
        await until(lambda: index.builds)
    failed = await orders.get(order)
    assert failed
    assert (failed.phase, failed.error) == ("", NOBODY_WAITS)
    assert index.builds == 1


async def test_what_nobody_waits_for_any_more_is_given_up(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(4):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})) as worker:
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.3
        order = await Orders(database, "index").place(OrderKind.REINDEX, wanted_seconds=0.4)
        await until(lambda: worker.status.built)
        await until(lambda: index.abandoned)
        assert await read_failed(database, order)
    assert index.builds == 1


async def test_whoever_waits_says_so_as_long_as_it_takes(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(4):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})):
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.5
        assert await reindex(database, lambda *_: None, patience=Patience(wanted_seconds=1.2)) == 4
    assert index.builds == 2

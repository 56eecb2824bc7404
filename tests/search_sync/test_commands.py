"""Orders, from the terminal to the lease's holder and back."""

import asyncio
from dataclasses import replace
from typing import NoReturn

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.ratings import rate_prompt
from search_sync import order_watch
from search_sync.commands import OrderFailedError, reindex, retry_refused, verify, working
from search_sync.orders import OrderKind, Orders
from search_sync.verify import DifferenceKind
from search_sync.worker import Worker
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


def ignore(phase: str, done: int, total: int) -> None:
    return


async def test_an_index_in_step_has_no_differences(deps: Deps, database: Database, start: Start) -> None:
    for number in range(20):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start():
        report = await verify(database, repair=False, on_progress=ignore)
    assert (report.count, report.differences, report.left) == (0, (), ())


async def test_exactly_the_corrupted_documents_are_found_and_repaired(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(30)]
    async with start():
        await until(lambda: is_in_step(database, index))
        held = index.documents
        del held[prompts[3].id]
        held[prompts[5].id] = replace(held[prompts[5].id], title="not this")
        held[prompts[7].id] = replace(held[prompts[7].id], rev=99)
        held[prompts[9].id] = replace(held[prompts[9].id], usage=1)
        held["stranger"] = replace(held[prompts[1].id], id="stranger")
        found = await verify(database, repair=False, on_progress=ignore)
        assert {(one.id, one.kind) for one in found.differences} == {
            (prompts[3].id, DifferenceKind.MISSING),
            (prompts[5].id, DifferenceKind.STALE),
            (prompts[7].id, DifferenceKind.STALE),
            (prompts[9].id, DifferenceKind.STALE),
            ("stranger", DifferenceKind.EXTRA),
        }
        assert not await is_in_step(database, index)
        repaired = await verify(database, repair=True, on_progress=ignore)
        assert (repaired.count, repaired.left) == (5, ())
        assert await is_in_step(database, index)


async def test_changes_that_go_on_are_no_differences(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(10)]
    index.faults.seconds = 0.02
    async with start():
        await until(lambda: is_in_step(database, index))
        del index.documents[prompts[0].id]  # this one stays as it is in the store
        is_over = False

        async def write() -> None:
            step = 0
            while not is_over:
                step += 1
                await rate_prompt(deps, ADA, prompts[1 + step % 9].id, 1 + step % 5)

        writing = asyncio.create_task(write())
        report = await verify(database, repair=False, on_progress=ignore)
        is_over = True
        await writing
    assert [one.id for one in report.differences] == [prompts[0].id]


async def test_a_difference_that_the_index_refuses_is_told_with_its_reason_and_left(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    bad = await create_prompt(deps, ADA, draft("bad"))
    await database.prompts.insert_one({"_id": "none of ours"})
    index.faults.poison = {bad.id}
    async with start():
        report = await verify(database, repair=True, on_progress=ignore)
        assert report.count == 2
        assert {(one.id, one.reason and one.reason[:8]) for one in report.differences} == {
            (bad.id, "It is po"),
            ("none of ours", "The docu"),
        }
        assert set(report.left) == {bad.id, "none of ours"}
        index.faults.poison.clear()
        assert await retry_refused(database, ignore) == 1
        assert list(index.documents) == [bad.id]


async def test_a_reindex_goes_on_beside_the_old_index_and_tells_how_far_it_is(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(12):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    told: list[tuple[str, int, int]] = []
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})):
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.05
        building = asyncio.create_task(reindex(database, lambda phase, done, total: told.append((phase, done, total))))
        await until(lambda: any(phase == "building" for phase, _, _ in told))
        new = await create_prompt(deps, ADA, draft("meanwhile"))
        await until(lambda: new.id in index.documents)  # the old index is kept in step during the build
        assert index.builds == 1
        assert await building == 13
        assert index.builds == 2
        await until(lambda: is_in_step(database, index))
    assert any(0 < done < total for _, done, total in told)


async def test_an_order_whose_worker_died_is_taken_again(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(4):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    one_by_one = QUICK.model_copy(update={"batch_items": 1})
    async with start(settings=one_by_one) as worker:
        await until(lambda: is_in_step(database, index))
        index.faults.seconds = 0.1
        order = asyncio.create_task(reindex(database, ignore))
        await until(lambda: worker.status.built > 0)
    assert index.builds == 1
    async with start(settings=one_by_one):
        assert await order == 4
    assert index.builds == 2


async def test_a_command_works_itself_where_nobody_else_does(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex
) -> None:
    await create_prompt(deps, ADA, draft("a"))
    async with working(Worker(client, database.name, index, QUICK)):
        assert await reindex(database, ignore) == 1
    assert len(index.documents) == 1


async def test_without_any_worker_an_order_fails_and_says_what_to_do(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "ALONE_SECONDS", 0.3)
    with pytest.raises(OrderFailedError, match="promptgraph worker"):
        await reindex(database, ignore)
    assert await Orders(database, "index").next() is None


async def test_orders_are_taken_in_turn(database: Database) -> None:
    orders = Orders(database, "index")
    first, second = [await orders.place(kind) for kind in (OrderKind.VERIFY, OrderKind.REPAIR)]
    order = await orders.next()
    assert order
    assert order.id == first
    await orders.tell(first, "comparing", 1, 2)
    order = await orders.next()
    assert order
    assert (order.id, order.phase, order.done, order.total) == (first, "comparing", 1, 2)
    await orders.close(first, {"differences": 0})
    order = await orders.next()
    assert order
    assert order.id == second
    assert await Orders(database, "another").next() is None


async def test_who_is_told_to_stop_while_its_worker_ends_stops() -> None:
    ending = asyncio.Event()

    class Slow:
        async def run(self) -> NoReturn:
            try:
                await asyncio.Future[NoReturn]()
            finally:
                ending.set()
                await asyncio.sleep(0.2)

    async def work() -> None:
        async with working(Slow()):
            await asyncio.sleep(0)
        await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await ending.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)


async def test_a_worker_that_broke_down_is_not_passed_over() -> None:
    class Broken:
        async def run(self) -> NoReturn:
            raise RuntimeError("it broke down")

    with pytest.raises(RuntimeError, match="it broke down"):
        async with working(Broken()):
            await asyncio.sleep(0)

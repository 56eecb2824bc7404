"""Orders that cannot be carried out fail with their reason, and hold up nothing."""

from collections.abc import AsyncIterator

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.commands import verify
from search_sync.orders import Order, OrderKind, Orders, OrderState
from search_sync.status import Fate
from tests.fixtures import caller, draft
from tests.search_sync.conftest import Document, Start, until
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

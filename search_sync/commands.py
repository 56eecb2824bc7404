"""Orders from a terminal: placed, followed to their end, and told.

Each needs a worker that holds the lease. `working` is one for the time of a command: it stands by while another
works, and works when there is none.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from search_sync.lease import Lease
from search_sync.orders import Order, OrderKind, Orders, OrderState
from search_sync.verify import Difference, difference_from_document
from search_sync.worker import Worker

Document = dict[str, Any]
OnProgress = Callable[[str, int, int], None]
"""Is told the phase, and how many of how many are done; a total of 0 is not known yet."""

_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 15.0


class OrderFailedError(Exception):
    """The order could not be carried out; the message says why and is fit to be printed."""


@dataclass(frozen=True, slots=True)
class Report:
    """`count` prompts differed, of which `differences` lists the first; `left` still do after the repair."""

    count: int
    differences: tuple[Difference, ...]
    left: tuple[str, ...] = ()


async def reindex(database: AsyncDatabase[Document], on_progress: OnProgress, name: str = "index") -> int:
    """Builds the index anew, searches going on meanwhile. Answers with how many prompts there are.

    Raises OrderFailedError.
    """
    order = await _carry_out(database, name, OrderKind.REINDEX, on_progress)
    return int(order.result["prompts"])


async def verify(
    database: AsyncDatabase[Document], repair: bool, on_progress: OnProgress, name: str = "index"
) -> Report:
    """Compares the index with the store and, with `repair`, writes what differs. Raises OrderFailedError."""
    order = await _carry_out(database, name, OrderKind.REPAIR if repair else OrderKind.VERIFY, on_progress)
    told = tuple(difference_from_document(one) for one in order.result["told"])
    return Report(order.result["differences"], told, tuple(order.result.get("left", ())))


async def retry_refused(database: AsyncDatabase[Document], on_progress: OnProgress, name: str = "index") -> int:
    """Offers the refused documents to the index again; answers with how many it still refuses."""
    order = await _carry_out(database, name, OrderKind.RETRY, on_progress)
    return int(order.result["left"])


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """The worker works, or stands by, as long as this is open."""
    task = asyncio.create_task(worker.run(), name="search worker")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _carry_out(database: AsyncDatabase[Document], name: str, kind: OrderKind, on_progress: OnProgress) -> Order:
    orders, lease = Orders(database, name), Lease(database, name, "", _PATIENCE_SECONDS)
    placed = await orders.place(kind)
    alone = 0.0
    while True:
        order = await orders.get(placed)
        if order is None or order.state is OrderState.FAILED:
            raise OrderFailedError((order and order.error) or "The order is gone: was the database dropped?")
        if order.is_over:
            return order
        on_progress(order.phase, order.done, order.total)
        alone = 0.0 if (await lease.read()).is_alive else alone + _POLL_SECONDS
        if alone > _PATIENCE_SECONDS:
            await orders.fail(placed, "No worker runs. Start one: promptgraph worker")
        await asyncio.sleep(_POLL_SECONDS)

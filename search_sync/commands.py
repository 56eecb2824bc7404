"""Orders from a terminal: placed, followed to their end, and told.

Each needs a worker that holds the lease. `working` is one for the time of a command: it stands by while another
works, and works when there is none.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.order_watch import OnProgress, OrderFailedError, OrderWatch, Patience
from search_sync.orders import Order, OrderKind, Orders
from search_sync.tasks import end_task
from search_sync.verify import Difference, difference_from_document

Document = dict[str, Any]
PATIENT = Patience()

_WITHDRAWING_SECONDS = 5.0

__all__ = ["OnProgress", "OrderFailedError", "Patience", "Report", "reindex", "retry_refused", "verify", "working"]


@dataclass(frozen=True, slots=True)
class Report:
    """`count` prompts differed, of which `differences` lists the first; `left` still do after the repair."""

    count: int
    differences: tuple[Difference, ...]
    left: tuple[str, ...] = ()


async def reindex(
    database: AsyncDatabase[Document], on_progress: OnProgress, name: str = "index", patience: Patience = PATIENT
) -> int:
    """Builds the index anew, searches going on meanwhile. Answers with how many prompts there are.

    Raises OrderFailedError.
    """
    order = await _carry_out(database, name, OrderKind.REINDEX, on_progress, patience)
    return int(order.result["prompts"])


async def verify(
    database: AsyncDatabase[Document],
    repair: bool,
    on_progress: OnProgress,
    name: str = "index",
    patience: Patience = PATIENT,
) -> Report:
    """Compares the index with the store and, with `repair`, writes what differs. Raises OrderFailedError."""
    order = await _carry_out(database, name, OrderKind.REPAIR if repair else OrderKind.VERIFY, on_progress, patience)
    told = tuple(difference_from_document(one) for one in order.result["told"])
    return Report(order.result["differences"], told, tuple(order.result.get("left", ())))


async def retry_refused(
    database: AsyncDatabase[Document], on_progress: OnProgress, name: str = "index", patience: Patience = PATIENT
) -> int:
    """Offers the refused documents to the index again; answers with how many it still refuses."""
    order = await _carry_out(database, name, OrderKind.RETRY, on_progress, patience)
    return int(order.result["left"])


class Tireless(Protocol):
    """Whatever works until it is cancelled."""

    async def run(self) -> NoReturn:
        """Works."""


@asynccontextmanager
async def working(worker: Tireless) -> AsyncIterator[None]:
    """The worker works, or stands by, as long as this is open."""
    task = asyncio.create_task(worker.run(), name=type(worker).__name__.lower())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])  # told once, so that it has the time to give its lease back
    if not task.cancelled():
        task.result()


async def _carry_out(
    database: AsyncDatabase[Document], name: str, kind: OrderKind, on_progress: OnProgress, patience: Patience
) -> Order:
    orders, placed = Orders(database, name), ObjectId()
    try:
        await orders.place(kind, order=placed, wanted_seconds=patience.wanted_seconds)
        return await OrderWatch(database, name, patience, on_progress).follow(placed)
    finally:
        # Also when the person has given up: what nobody waits for must not be begun later.
        await _withdraw(orders, placed)


async def _withdraw(orders: Orders, placed: ObjectId) -> None:
    """In a task of its own, as ours may be one that is being cancelled."""
    withdrawing = asyncio.create_task(orders.withdraw(placed, "It was withdrawn."))
    await asyncio.wait([withdrawing], timeout=_WITHDRAWING_SECONDS)
    await end_task(withdrawing)

"""Waiting for an order: how it stands is told, and what does not come is not waited for without end."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.lease import Lease, Told
from search_sync.orders import Order, Orders, OrderState
from search_sync.status import Fate, State, Status
from search_sync.tasks import heed_cancellation

OnProgress = Callable[[str, int, int], None]
"""Is told the phase, and how many of how many are done; a total of 0 is not known yet."""

POLL_SECONDS = 0.1
_SAY_AGAIN = 6  # so often within the time that an order is wanted
ALONE_SECONDS = 15.0  # longer than a lease lasts, and than a worker waits between two tries
WAITING_FOR = "waiting for "
"""How a phase begins in which nothing goes on; behind it stands what is waited for."""
_BLINK_SECONDS = 6.0  # between two tries of an index that is down it may look for a moment as if all were well


class OrderFailedError(Exception):
    """The order could not be carried out; the message says why and is fit to be printed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait while the index or MongoDB does not answer and nothing goes on, and in all, in seconds.

    For so many `wanted_seconds` an order is carried out when nothing more is heard of who waits, as of one killed.
    """

    waiting_seconds: float = 60.0
    total_seconds: float | None = None
    wanted_seconds: float = 30.0


class OrderWatch:
    """Follows one order to its end."""

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], name: str, patience: Patience, on_progress: OnProgress
    ) -> None:
        self._orders = Orders(database, name)
        self._lease = Lease(database, name, "", ALONE_SECONDS)
        self._patience = patience
        self._on_progress = on_progress
        self._began = self._heard_at = time.monotonic()
        self._status: Status | None = None
        self._headway = (0, 0)
        self._waits_since: float | None = None
        self._waited_at = 0.0
        self._waited_for = ""
        self._wanted_at = self._began

    async def follow(self, placed: ObjectId) -> Order:
        """Returns when it is done. Raises OrderFailedError when it fails, or takes longer than patience lasts."""
        while True:
            heed_cancellation()
            await self._go_on_wanting(placed)
            order = await self._orders.get(placed)
            if order is None or order.state is OrderState.FAILED:
                raise OrderFailedError((order and order.error) or "The order is gone: was the database dropped?")
            if order.is_over:
                return order
            told = await self._lease.read()
            phase = _name_phase(order, told.status)
            self._on_progress(phase, order.done, order.total)
            self._look_for_worker(told)
            self._look_at_clock(order, phase)
            await asyncio.sleep(POLL_SECONDS)

    async def _go_on_wanting(self, placed: ObjectId) -> None:
        seconds = self._patience.wanted_seconds
        if time.monotonic() - self._wanted_at > seconds / _SAY_AGAIN:
            self._wanted_at = time.monotonic()
            await self._orders.want(placed, seconds)

    def _look_for_worker(self, told: Told) -> None:
        """One that fails and begins again gives its lease back each time, but says so."""
        now = time.monotonic()
        if told.is_alive or told.status != self._status:
            self._heard_at, self._status = now, told.status
        if now - self._heard_at > ALONE_SECONDS:
            raise OrderFailedError("No worker runs. Start one: promptgraph worker")

    def _look_at_clock(self, order: Order, phase: str) -> None:
        now, total = time.monotonic(), self._patience.total_seconds
        if total is not None and now - self._began > total:
            raise OrderFailedError(
                f"The {total:g} seconds are over; the order was withdrawn. Last: {phase or 'queued'}"
            )
        self._note_waiting(order, phase, now)
        if self._waits_since is not None and now - self._waits_since > self._patience.waiting_seconds:
            seconds = self._patience.waiting_seconds
            raise OrderFailedError(
                f"Nothing went on for {seconds:g} seconds; the order was withdrawn. Last: {self._waited_for}"
            )

    def _note_waiting(self, order: Order, phase: str, now: float) -> None:
        """It waits from when it first says so until something is written or counted, or it says so no more."""
        writes = self._status.counters[Fate.WRITES] if self._status else 0
        headway = max(self._headway[0], order.done), writes
        if phase.startswith(WAITING_FOR):
            self._waited_at, self._waited_for = now, phase
            self._waits_since = self._waits_since or now
        if headway != self._headway or now - self._waited_at > _BLINK_SECONDS:
            self._headway, self._waits_since = headway, None


def _name_phase(order: Order, status: Status | None) -> str:
    if order.phase.startswith(WAITING_FOR) or status is None or status.state is not State.WAITING or not status.reason:
        return order.phase
    return f"{WAITING_FOR}{status.reason}"

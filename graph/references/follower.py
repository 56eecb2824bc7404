"""Follows the feed and writes, for each change of a prompt, an event of every prompt that includes it.

    feed ──event──▶ whom it reaches ──one transaction each──▶ revision + 1, REFERENCE_CHANGED ──▶ position

The position moves when all are told. What is told twice after a crash is not written twice: a prompt has one such event
for one cause, by a unique index. So one that was overtaken does no harm either, and the lease only saves work.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

import structlog
from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.events import Event, Signature
from graph.domain.limits import Limits
from graph.domain.outages import UnavailableError
from graph.references.reach import find_reached, marks_of
from graph.store.codec import Document
from graph.store.store import Store
from search_sync.backoff import Backoff
from search_sync.holding import Holding, keep, name_holder
from search_sync.lease import Lease, LeaseLostError
from search_sync.status import State, Status
from search_sync.tasks import heed_cancellation, run_together

LEASE = "references"
LEASE_SECONDS = 5.0
WAIT_SECONDS = 5.0
PAGE = 200

log = structlog.get_logger(__name__)


class ReferenceFollower:
    """One of those that tell includers; all that are started share a lease."""

    def __init__(
        self, store: Store, database: AsyncDatabase[Document], limits: Limits, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._status = Status(holder=name_holder())
        self._lease = Lease(database, LEASE, str(self._status.holder), LEASE_SECONDS)
        self._backoff = Backoff(0.05, 2.0)

    @property
    def is_leading(self) -> bool:
        """Whether it is this one that tells."""
        return self._lease.is_good

    async def run(self) -> NoReturn:
        """Follows, or stands by, until it is cancelled; whatever fails is tried again."""
        await Holding(self, self._lease, self._status, LEASE_SECONDS, self._backoff, (UnavailableError,)).run()

    async def stand_by(self, turn: int) -> None:
        """Nothing has to be done meanwhile."""

    async def lead(self) -> None:
        """Tells all includers, event by event."""
        self._status.state = State.FOLLOWING
        async with self._store.hub.following():
            beating = keep(self._lease, self._status, LEASE_SECONDS, self._backoff)
            await run_together(beating, self._follow(), gravest=(LeaseLostError,))

    async def let_go(self) -> None:
        """There is nothing to end."""

    async def _follow(self) -> NoReturn:
        position = min(await self._store.references.read_position(), self._store.hub.span.last)
        while True:
            heed_cancellation()
            span = await self._store.hub.wait_beyond(position, WAIT_SECONDS)
            position = max(position, span.first - 1)
            if span.last > position:
                position = await self._take(position, span.last)
                await self._store.references.keep_position(position)

    async def _take(self, position: int, upto: int) -> int:
        """Tells of a page of events; answers with where it ends."""
        events = await self._store.feed.read(position, upto, PAGE)
        if await self._store.references.find_any([mark for event in events for mark in marks_of(event)]):
            for event in events:
                await self._tell(event)
        return (events[-1].seq or upto) if len(events) == PAGE else upto

    async def _tell(self, cause: Event) -> None:
        reached = await find_reached(self._store, cause, self._limits.reference_depth)
        signature = Signature(cause.actor_id, cause.key_id, self._clock())
        for prompt_id, numbers in reached.items():
            self._lease.check()
            await self._store.reference_events.tell(prompt_id, cause, numbers, signature)

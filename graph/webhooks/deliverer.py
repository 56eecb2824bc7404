"""Serves all webhooks of a registry, in one process at a time.

Whoever holds the lease `webhooks` has a `Course` for each active webhook; the others stand by, and one of them takes
over within seconds when it falls silent. All that a course knows is kept, so the next one goes on where it was; a
request that was cut off is made again, with the same `webhook-id`.
"""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import structlog
from pymongo.asynchronous.database import AsyncDatabase

from graph.domain.outages import UnavailableError
from graph.domain.webhooks import Webhook
from graph.store.codec import Document
from graph.store.patience import patiently
from graph.webhooks.course import Course
from graph.webhooks.parts import Parts
from search_sync.backoff import Backoff
from search_sync.holding import TURNS, Holding, name_holder
from search_sync.lease import Lease, LeaseLostError
from search_sync.status import State, Status
from search_sync.tasks import heed_cancellation, run_together

LEASE = "webhooks"

log = structlog.get_logger(__name__)


class Deliverer:
    """One of those that serve a registry's webhooks."""

    def __init__(self, parts: Parts, database: AsyncDatabase[Document]) -> None:
        self._parts = parts
        self._limits = parts.setup.limits
        self._status = Status(holder=name_holder())
        self._lease = Lease(database, LEASE, str(self._status.holder), self._limits.lease_seconds)
        self._requests = asyncio.Semaphore(self._limits.requests)
        self._courses: dict[str, tuple[Course, asyncio.Task[None]]] = {}
        self._backoff = Backoff(0.05, 2.0)

    @property
    def is_leading(self) -> bool:
        """Whether it is this one that sends."""
        return self._lease.is_good

    async def run(self) -> NoReturn:
        """Serves, or stands by, until it is cancelled; whatever fails is tried again."""
        seconds = self._limits.lease_seconds
        await Holding(self, self._lease, self._status, seconds, self._backoff, (UnavailableError,)).run()

    async def stand_by(self, turn: int) -> None:
        """Nothing has to be done meanwhile."""

    async def lead(self) -> None:
        """Serves all active webhooks."""
        self._status.state = State.FOLLOWING
        store = self._parts.store
        await store.deliveries.clear_others(await store.webhooks.list_ids())
        await run_together(self._beat(), self._supervise(), gravest=(LeaseLostError,))

    async def _beat(self) -> NoReturn:
        while True:
            heed_cancellation()
            self._tell()
            await self._lease.beat(self._status, None)
            self._backoff.reset()
            await asyncio.sleep(self._limits.lease_seconds / TURNS)

    async def _supervise(self) -> NoReturn:
        """Starts a course for each active webhook and ends those of others, every second."""
        while True:
            heed_cancellation()
            active = {one.id: one for one in await patiently(self._parts.store.webhooks.list_active)}
            over = [one for one, (course, _) in self._courses.items() if _is_over(course, active.get(one))]
            await self._end(over)
            await self._sweep(over)
            for webhook in active.values():
                self._serve(webhook)
            await asyncio.sleep(self._limits.poll_seconds)

    def _serve(self, webhook: Webhook) -> None:
        if webhook.id in self._courses:
            course, task = self._courses[webhook.id]
            if not task.done():
                course.adopt(webhook)
                return
            _tell_failure(task, webhook)
        course = Course(self._parts, webhook, self._requests, self._lease.check)
        self._courses[webhook.id] = (course, asyncio.create_task(course.run()))

    async def _end(self, webhook_ids: Sequence[str]) -> None:
        tasks = [self._courses.pop(webhook_id)[1] for webhook_id in webhook_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep(self, webhook_ids: Sequence[str]) -> None:
        """A course may have queued something after its webhook was deleted."""
        store = self._parts.store
        for webhook_id in webhook_ids:
            if await store.webhooks.find(webhook_id) is None:
                await store.deliveries.clear(webhook_id)

    def _tell(self) -> None:
        queues = [course.queue for course, _ in self._courses.values()]
        self._status.pending = sum(len(queue) for queue in queues)
        oldest = min((queue.oldest_at for queue in queues if queue.oldest_at), default=None)
        age = (self._parts.clock() - oldest).total_seconds() if oldest else 0.0
        self._status.lag_ms = round(age * 1000)

    async def let_go(self) -> None:
        """Ends all courses; what they were about is kept."""
        await self._end(list(self._courses))


def _is_over(course: Course, webhook: Webhook | None) -> bool:
    return webhook is None or webhook.run != course.webhook.run


def _tell_failure(task: asyncio.Task[None], webhook: Webhook) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("a webhook's course failed and begins again", webhook=webhook.id, exc_info=error)

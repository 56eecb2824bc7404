"""One webhook being served: its events taken in, and its deliveries sent, each prompt's in order.

    feed ──Intake──▶ DeliveryQueue ──the oldest of each prompt──▶ Sender ──how it went──▶ the log
                          ▲                                          │ failed: later and later, for a day
                          └──────────────────────────────────────────┘

While the receiver fails, or takes long, only one request at a time is made, so that a bad host costs the others little.
The first success tells that the failing is over, and everything that failed only meanwhile is tried at once.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from graph.domain.actors import Access
from graph.domain.denials import AccessError
from graph.domain.errors import CursorExpiredError
from graph.domain.feed import Told, tell
from graph.domain.webhooks import (
    Attempt,
    Delivery,
    DeliveryState,
    PauseReason,
    Webhook,
    pause_seconds,
)
from graph.store.patience import patiently
from graph.webhooks.bodies import write_body
from graph.webhooks.intake import Intake, SetAnewError
from graph.webhooks.parts import Parts
from graph.webhooks.queue import DeliveryQueue
from graph.webhooks.sender import Outcome
from graph.webhooks.signing import SecretLostError, sign
from search_sync.lease import LeaseLostError
from search_sync.tasks import heed_cancellation, run_together

IDLE_SECONDS = 1.0
GRACE_SECONDS = 1.0
TRIMMED_EVERY = 500
LONG_MS = 3_000

log = structlog.get_logger(__name__)


class Course:
    """`check` raises when this process may no longer send; `requests` bounds what is under way for all webhooks."""

    def __init__(self, parts: Parts, webhook: Webhook, requests: asyncio.Semaphore, check: Callable[[], None]) -> None:
        self._parts = parts
        self.webhook = webhook
        self._requests = requests
        self._check = check
        self._intake = Intake(parts, webhook)
        self.queue = DeliveryQueue()
        self._sending: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._is_alone = False
        self._delivered_at: datetime | None = None
        self._finished = 0

    def adopt(self, webhook: Webhook) -> None:
        """Goes on with the webhook as it is set now. A new URL may be one that does not fail."""
        if webhook.url != self.webhook.url:
            self.queue.begin_anew()
            self._is_alone = False
            self._changed.set()
        self.webhook = webhook

    async def run(self) -> None:
        """Serves it until it is paused, deleted or set anew, or this is cancelled."""
        deliveries, limits = self._parts.store.deliveries, self._parts.setup.limits
        await patiently(lambda: deliveries.forget_waiting(self.webhook.id, self.webhook.run))
        self.queue.add(await patiently(lambda: deliveries.waiting(self.webhook.id, self.webhook.run)))
        self._is_alone = len(self.queue) > limits.parallel
        try:
            with suppress(SetAnewError, LeaseLostError):
                async with self._parts.store.hub.following():
                    await run_together(self._take_in(), self._send_all(), gravest=(SetAnewError, LeaseLostError))
        finally:
            await self._settle()

    async def _take_in(self) -> None:
        while True:
            heed_cancellation()
            if len(self.queue) >= self._parts.setup.limits.waiting:
                await self._wait(None)
                continue
            position, span = self._intake.position, self._parts.store.hub.span
            if reason := await self._intake.fault(span):
                await self._pause(reason)
            access = await self._rights()
            if position < span.last:
                await self._take(access)
            else:
                await self._parts.store.hub.wait_beyond(position, IDLE_SECONDS)

    async def _take(self, access: Access) -> None:
        try:
            added = await self._intake.take(self.webhook, access)
        except CursorExpiredError:
            await self._pause(PauseReason.CURSOR_EXPIRED)
        self.queue.add(added)
        if added:
            self._changed.set()

    async def _send_all(self) -> None:
        limits = self._parts.setup.limits
        while True:
            heed_cancellation()
            for task in [task for task in self._sending if task.done()]:
                self._sending.discard(task)
                task.result()
            room = (1 if self._is_alone else limits.parallel) - len(self._sending)
            taken = self.queue.take(self._parts.clock(), room)
            for delivery in taken:
                task = asyncio.create_task(self._send(delivery))
                self._sending.add(task)
                task.add_done_callback(lambda _: self._changed.set())
            # Where there is no more room, what is due waits for the end of another, not for a time that is past.
            await self._wait(self.queue.next_at if len(taken) < room else None)

    async def _wait(self, until: datetime | None) -> None:
        """Until something has changed, or a time has come."""
        seconds = IDLE_SECONDS
        if until is not None:
            seconds = min(seconds, max(0.0, (until - self._parts.clock()).total_seconds()))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        self._changed.clear()

    async def _send(self, delivery: Delivery) -> None:
        async with self._requests:
            self._check()
            told = await self._told(delivery)
            if told is None:
                await self._finish(delivery, DeliveryState.SKIPPED, None)
                return
            now = self._parts.clock()
            try:
                secrets = self._parts.setup.secrets.remake(self.webhook, now)
            except SecretLostError:
                await self._pause(PauseReason.SECRET_LOST)
            body = write_body(told, self._parts.wording)
            headers = sign(secrets, delivery.message_id, now, body)
            url = self.webhook.url
            outcome = await self._parts.setup.sender.send(url, headers, body)
        if url != self.webhook.url and not outcome.is_delivered:
            self.queue.put_back(delivery)  # it was the old URL that failed
            return
        await self._weigh(delivery, outcome, Attempt(now, outcome.latency_ms, outcome.status, outcome.error))

    async def _told(self, delivery: Delivery) -> Told | None:
        """What is told with the rights of this moment; None when that is nothing."""
        feed = self._parts.store.feed
        found = await patiently(lambda: feed.read(delivery.seq - 1, delivery.seq, 1))
        return tell(found[0], await self._rights(), self.webhook.where) if found else None

    async def _weigh(self, delivery: Delivery, outcome: Outcome, attempt: Attempt) -> None:
        if outcome.is_delivered:
            await self._finish(delivery, DeliveryState.DELIVERED, attempt)
            self.queue.hurry(self._delivered_at)
            self._is_alone, self._delivered_at = outcome.latency_ms > LONG_MS, attempt.at
            return
        self._is_alone = True
        since = delivery.first_failed_at or attempt.at
        limits = self._parts.setup.limits
        is_over = attempt.at - since >= timedelta(seconds=limits.retry_seconds)
        if is_over and await patiently(
            lambda: self._parts.store.deliveries.has_delivered_since(self.webhook.id, since)
        ):
            await self._finish(delivery, DeliveryState.FAILED, attempt)
            return
        pause = max(pause_seconds(delivery.failures + 1, limits, self._parts.chance()), outcome.pause_seconds or 0.0)
        next_at = self._parts.clock() + timedelta(seconds=pause)
        waiting = replace(delivery, failures=delivery.failures + 1, first_failed_at=since, next_at=next_at)
        await self._record(waiting, attempt)
        self.queue.put_back(waiting)
        if outcome.is_gone or is_over:
            await self._pause(PauseReason.RECEIVER_GONE if outcome.is_gone else PauseReason.RECEIVER_FAILING)

    async def _finish(self, delivery: Delivery, state: DeliveryState, attempt: Attempt | None) -> None:
        now = self._parts.clock()
        await self._record(replace(delivery, state=state, next_at=None, finished_at=now), attempt)
        self.queue.finish(delivery)
        self._finished += 1
        if self._finished % TRIMMED_EVERY == 0:
            keep = self._parts.setup.limits.log_entries
            await patiently(lambda: self._parts.store.deliveries.trim(self.webhook.id, keep))

    async def _record(self, delivery: Delivery, attempt: Attempt | None) -> None:
        limits = self._parts.setup.limits
        ends = delivery.finished_at + timedelta(seconds=limits.log_seconds) if delivery.finished_at else None
        await patiently(lambda: self._parts.store.deliveries.record(delivery, attempt, limits.attempts, ends))

    async def _rights(self) -> Access:
        """What it may tell now. A key that has taken the place of its own one is its own from then on."""
        try:
            access = await patiently(lambda: self._parts.rights(self.webhook))
        except AccessError:
            await self._pause(PauseReason.KEY_ENDED)
        if access.key_id != self.webhook.key_id:
            before, after = self.webhook, replace(self.webhook, key_id=access.key_id)
            changed = await patiently(lambda: self._parts.store.webhooks.change(before, after))
            self.webhook = changed or after
        return access

    async def _pause(self, reason: PauseReason) -> NoReturn:
        """Pauses the webhook, and ends this course."""
        at = self._parts.clock()
        await patiently(lambda: self._parts.store.webhooks.pause(self.webhook, reason, at))
        log.warning("a webhook is paused", webhook=self.webhook.id, reason=reason.value)
        raise SetAnewError

    async def _settle(self) -> None:
        """Requests that are under way may end, for a moment; what is cut off is sent again later."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=GRACE_SECONDS)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

"""From the feed into a webhook's queue: each event that it is told of becomes a delivery, kept before it is sent."""

import time
from dataclasses import replace

from graph.domain.actors import Access
from graph.domain.errors import CursorExpiredError
from graph.domain.events import Event
from graph.domain.feed import ResetReason, Span, tell
from graph.domain.webhooks import Delivery, PauseReason, Webhook, delivery_id, message_id
from graph.store.patience import patiently
from graph.webhooks.parts import Parts

PAGE = 100
TIMES_LOST = 4
KEPT_SECONDS = 5.0
REASONS = {
    ResetReason.CURSOR_EXPIRED: PauseReason.CURSOR_EXPIRED,
    ResetReason.HISTORY_LOST: PauseReason.HISTORY_LOST,
}


class SetAnewError(Exception):
    """The webhook is no longer what it was: deleted, paused, replayed, or served by another process."""


class Intake:
    """One webhook's. Its position is written with what it has taken, else every five seconds."""

    def __init__(self, parts: Parts, webhook: Webhook) -> None:
        self._parts = parts
        self._kept = webhook
        self._kept_at = time.monotonic()
        self._times_lost = 0
        self.position = webhook.position

    async def fault(self, span: Span) -> PauseReason | None:
        """Why it cannot go on. It is asked about once a second.

        A place beyond the end may come from a process that was quicker: that is waited for. While the database is
        away the hub hears of nothing, so the store itself has to say that there is no such place, some times over:
        one that was elected a moment ago may know less.
        """
        reason = span.why_not_from(self.position)
        if reason is ResetReason.HISTORY_LOST:
            reason = (await patiently(self._parts.store.feed.span)).why_not_from(self.position)
        self._times_lost = self._times_lost + 1 if reason is ResetReason.HISTORY_LOST else 0
        return REASONS[reason] if reason and self._times_lost not in range(1, TIMES_LOST) else None

    async def take(self, webhook: Webhook, access: Access) -> list[Delivery]:
        """What comes next for it, kept as deliveries; those that wait, known ones among them.

        Raises SetAnewError, and CursorExpiredError when retention was quicker.
        """
        events, upto = await self._read()
        told = [_delivery(self._parts, webhook, event) for event in events if tell(event, access, webhook.where)]
        deliveries = self._parts.store.deliveries
        added = await patiently(lambda: deliveries.add(told))
        if len(added) < len(told):
            # They were there: by a process that died before it moved on, or by a first try whose answer was lost.
            added = await patiently(lambda: deliveries.waiting_among(told))
        self.position = upto
        if upto > self._kept.position and (told or time.monotonic() > self._kept_at + KEPT_SECONDS):
            await self._keep(upto)
        return added

    async def _read(self) -> tuple[list[Event], int]:
        """At most a page of events, and up to where they are all that there are."""
        hub = self._parts.store.hub
        upto = max(hub.span.last, self.position)
        events = hub.since(self.position)
        if events is None:
            events = await patiently(lambda: self._parts.store.feed.read(self.position, upto, PAGE))
            # Asked afterwards: retention may have removed what was to be read, and the hub not have heard of it yet.
            if (await patiently(self._parts.store.feed.span)).first > self.position + 1:
                raise CursorExpiredError
        last = (events[:PAGE][-1].seq or 0) if events else 0
        # The window may have grown beyond the span that it was asked with.
        return events[:PAGE], last if len(events) >= PAGE else max(last, upto)

    async def _keep(self, upto: int) -> None:
        if not await patiently(lambda: self._parts.store.webhooks.advance(self._kept, upto)):
            raise SetAnewError
        self._kept, self._kept_at = replace(self._kept, position=upto), time.monotonic()


def _delivery(parts: Parts, webhook: Webhook, event: Event) -> Delivery:
    seq = event.seq or 0
    return Delivery(
        id=delivery_id(webhook.id, webhook.run, seq),
        webhook_id=webhook.id,
        run=webhook.run,
        seq=seq,
        message_id=message_id(webhook.id, event.id),
        prompt_id=event.prompt_id,
        kind=event.kind,
        created_at=parts.clock(),
    )

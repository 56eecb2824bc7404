"""Following the feed: from a place in it, and on as it grows, without a gap and without anything twice."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TypeVar

from graph.domain.actors import Access, Scope
from graph.domain.errors import CursorExpiredError
from graph.domain.events import Event
from graph.domain.feed import EventFilter, ResetReason, Told, tell
from graph.domain.rules import clean_event_filter
from graph.operations.access import recheck
from graph.operations.deps import Deps
from graph.operations.rights import require
from graph.store.patience import patiently
from search_sync.tasks import heed_cancellation

T = TypeVar("T")

PAGE = 200
RECHECK_SECONDS = 0.4
PAUSE_SECONDS = 0.25
CATCH_UP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Nothing to tell up to `seq`: the reader's place has moved on. `is_live`: that is as far as the log reaches."""

    seq: int
    is_live: bool


@dataclass(frozen=True, slots=True)
class Reset:
    """The reader cannot go on from its place. `seq` is how far the log reaches: who reads afresh goes on from there."""

    seq: int
    reason: ResetReason


Message = Told | Checkpoint | Reset


async def follow(deps: Deps, access: Access, where: EventFilter, after: int | None) -> AsyncGenerator[Message]:
    """What the caller is told of, from the place `after` on, or from now on.

    A checkpoint says when the end of the log is reached for the first time; others come when there was nothing to tell
    for `limits.checkpoint_seconds` or through `limits.checkpoint_events` events. A Reset is always the last message.
    The caller's key is looked at again before anything is told and every half second: its rights are those of then.

    Raises InvalidInputError at the start; UnauthenticatedError and ForbiddenError then, and when the key has lost its
    right.
    """
    require(access, Scope.EVENTS_READ)
    return _Follower(deps, access, clean_event_filter(where, deps.limits)).read(after)


class _Follower:
    """One reader. Its place is in the loop of `read`; here is what the loop needs to know."""

    def __init__(self, deps: Deps, access: Access, where: EventFilter) -> None:
        self._deps = deps
        self._hub = deps.store.hub
        self._access = access
        self._where = where
        self._untold = 0
        self._told_at = time.monotonic()

    async def read(self, after: int | None) -> AsyncGenerator[Message]:
        async with self._hub.following():
            is_live = False
            position = self._hub.span.last if after is None else after
            while True:
                heed_cancellation()
                if (reason := await self._why_not_from(position)) is not None:
                    yield Reset(self._hub.span.last, reason)
                    return
                try:
                    events, upto = await self._take(position)
                except CursorExpiredError:
                    yield Reset(self._hub.span.last, ResetReason.CURSOR_EXPIRED)
                    return
                for event in events:
                    position = event.seq or position
                    if message := await self._tell(event):
                        yield self._told(message)
                # The window may have grown beyond the span that it was asked with.
                position = max(position, upto)
                if position >= self._hub.span.last:
                    if not is_live or self._is_checkpoint_due():
                        is_live = True
                        yield self._told(Checkpoint(position, is_live=True))
                    await self._wait_beyond(position)

    async def _why_not_from(self, position: int) -> ResetReason | None:
        """A place beyond the end may come from a process that is quicker than this one: that is waited for.

        While the database is away the hub hears of nothing, so the store itself has to say that there is no such
        place, again and again: one that was elected a moment ago may know less.
        """
        seconds_lost = 0.0
        while (reason := self._hub.span.why_not_from(position)) is ResetReason.HISTORY_LOST:
            if seconds_lost >= CATCH_UP_SECONDS:
                return reason
            await asyncio.sleep(PAUSE_SECONDS)
            is_lost = (await patiently(self._deps.store.feed.span)).why_not_from(position) is reason
            seconds_lost = seconds_lost + PAUSE_SECONDS if is_lost else 0.0
        return reason

    async def _take(self, position: int) -> tuple[list[Event], int]:
        """Some events after the place, and up to where they are all that there are. Raises CursorExpiredError."""
        upto = self._hub.span.last
        if (kept := self._hub.since(position)) is not None:
            return kept, upto
        events = await patiently(lambda: self._deps.store.feed.read(position, upto, PAGE))
        # Asked afterwards: retention may have removed what was to be read, and the hub not have heard of it yet.
        if (await patiently(self._deps.store.feed.span)).first > position + 1:
            raise CursorExpiredError
        return events, upto if len(events) < PAGE else events[-1].seq or position

    async def _tell(self, event: Event) -> Told | Checkpoint | None:
        await self._recheck()
        if told := tell(event, self._access, self._where):
            return told
        self._untold += 1
        is_enough = self._untold >= self._deps.limits.checkpoint_events
        return Checkpoint(event.seq or 0, is_live=False) if is_enough else None

    def _told(self, message: Message) -> Message:
        self._untold, self._told_at = 0, time.monotonic()
        return message

    def _is_checkpoint_due(self) -> bool:
        return time.monotonic() >= self._told_at + self._deps.limits.checkpoint_seconds

    async def _wait_beyond(self, position: int) -> None:
        seconds = self._told_at + self._deps.limits.checkpoint_seconds - time.monotonic()
        if self._access.key_id is not None:
            seconds = min(seconds, RECHECK_SECONDS)
        await self._hub.wait_beyond(position, seconds)
        await self._recheck()

    async def _recheck(self) -> None:
        if self._access.key_id is not None:
            self._access = await patiently(lambda: recheck(self._deps, self._access))
            require(self._access, Scope.EVENTS_READ)

"""The newest events, read once for everyone in this process who follows the feed.

    FeedStore.watch ──how far the log reaches──▶ FeedHub ──read──▶ window of events ──▶ any number of followers

However many follow, there is one change stream, each event is read once, and the window is bounded. Nobody is pushed:
a follower keeps its own place and takes from the window what comes after it. One who has fallen behind the window
reads the log itself. While nobody follows, nothing is watched.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from itertools import takewhile

import structlog

from graph.domain.events import Event
from graph.domain.feed import Span
from graph.domain.limits import Limits
from graph.domain.outages import StoreUnavailableError
from graph.store.feed import FeedStore
from search_sync.backoff import Backoff
from search_sync.tasks import heed_cancellation

PAGE = 200
START_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0

log = structlog.get_logger(__name__)


class FeedHub:
    """The end of the feed. `span` is how far the log reaches, as this process knows it."""

    def __init__(self, feed: FeedStore, limits: Limits) -> None:
        self._feed = feed
        self._limits = limits
        self._events: deque[tuple[Event, int]] = deque()
        self._characters = 0
        self._from = 0
        self._followers = 0
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._span: Span | None = None

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """While the block runs, the feed is watched. Raises StoreUnavailableError when it cannot be."""
        self._followers += 1
        try:
            if self._task is None or self._is_broken:
                self._span = None
                # Nobody's request in particular: its log lines must not bear the id of the first one.
                self._task = asyncio.create_task(self._run(), context=Context())
            await self._wait_for_start()
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                await self.close()

    @property
    def span(self) -> Span:
        """Only for those who follow. Raises what has broken the watching, should anything have."""
        if self._task is not None and self._is_broken:
            self._task.result()
        if self._span is None:
            raise StoreUnavailableError
        return self._span

    def since(self, seq: int) -> list[Event] | None:
        """The events after a place, in order, up to the end of `span`; None when the window does not reach back."""
        if seq < self._from:
            return None
        newest_first = takewhile(lambda kept: (kept[0].seq or 0) > seq, reversed(self._events))
        return [event for event, _ in newest_first][::-1]

    async def wait_beyond(self, seq: int, seconds: float) -> Span:
        """The span, when it reaches beyond `seq` or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.span.last <= seq:
                    await self._moved.wait()
        return self.span

    async def close(self) -> None:
        """Ends the watching and forgets what was read. Followers are refused from then on."""
        task, self._task = self._task, None
        self._span = None
        self._forget(0)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    @property
    def _is_broken(self) -> bool:
        """Whether a fault has ended the watching. Who comes then begins it anew: others may stay long to hear of it."""
        return self._task is not None and self._task.done() and not self._task.cancelled()

    async def _wait_for_start(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while self._span is None and self._task is not None and not self._task.done():
                    await self._moved.wait()
        _ = self.span

    async def _run(self) -> None:
        try:
            async for span in self._feed.watch():
                await self._take(span)
                self._tell()
        finally:
            self._tell()

    async def _take(self, span: Span) -> None:
        """Moves on to a new end of the log; what has come since is read, unless it is too much to be kept anyway."""
        known = self._span
        if known is None or span.last < known.last or span.last - known.last > self._limits.feed_events:
            self._forget(span.last)
        else:
            await self._read(known.last, span.last)
        self._span = span

    async def _read(self, position: int, upto: int) -> None:
        backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            heed_cancellation()
            try:
                page = await self._feed.read(position, upto, PAGE)
                heed_cancellation()  # the window may belong to the next watching by now
            except (StoreUnavailableError, TimeoutError):
                log.warning("the feed is not read for a moment")
                await backoff.wait()
                continue
            for event in page:
                self._keep(event)
                position = event.seq or position
            if len(page) < PAGE:
                return

    def _keep(self, event: Event) -> None:
        size = len(repr(event.change))
        self._events.append((event, size))
        self._characters += size
        while len(self._events) > self._limits.feed_events or self._characters > self._limits.feed_characters:
            oldest, size = self._events.popleft()
            self._characters -= size
            self._from = oldest.seq or self._from

    def _forget(self, upto: int) -> None:
        self._events.clear()
        self._characters = 0
        self._from = upto

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

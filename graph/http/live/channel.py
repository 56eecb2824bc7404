"""Those who asked for the same share one stream: each message is run and encoded once, whoever many read it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from typing import Any, Protocol

from graph.domain.denials import SubscriberTooSlowError
from graph.domain.limits import LiveLimits
from graph.http.live.operation import Message, close
from search_sync.tasks import heed_cancellation


class Subscription(Protocol):
    """What is subscribed to."""

    @property
    def key(self) -> Hashable:
        """Equal for those whose messages are the same, wherever they begin."""

    async def open(self) -> AsyncIterator[Any]:
        """What there is to tell of, from where this one begins."""

    async def tell(self, value: Any) -> Message:
        """The message of one such thing."""


class Wire(Protocol):
    """The way to one subscriber."""

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""

    async def send(self, message: Message) -> None:
        """Sends without waiting. Raises ConnectionError when the client has left."""

    async def drain(self) -> None:
        """Waits until there is room for more."""


class Subscriber:
    """One who reads, and where it is. `ended` is done when it is told no more: with None, or with the reason."""

    __slots__ = ("_limits", "_wire", "cursor", "ended", "position")

    def __init__(self, wire: Wire, limits: LiveLimits) -> None:
        self._wire = wire
        self._limits = limits
        self.position = -1
        self.cursor: str | None = None
        self.ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    async def deliver(self, message: Message) -> None:
        """Sends what lies ahead of the subscriber, without waiting; one who is too slow is told no more."""
        place = message.place
        if self.ended.done() or place is None or place.seq < self.position + place.is_event:
            return
        if self._wire.backlog > self._limits.backlog_bytes:
            self.end(SubscriberTooSlowError(self.cursor))
            return
        try:
            await self._wire.send(message)
        except ConnectionError as error:
            self.end(error)
        else:
            self.position, self.cursor = place.seq, place.cursor

    async def deliver_all(self, message: Message) -> None:
        """Sends, and waits until there is room for the next one."""
        await self._wire.send(message)
        if message.place is not None:
            self.position, self.cursor = message.place.seq, message.place.cursor
        await self._wire.drain()

    def end(self, reason: Exception | None) -> None:
        """It is told no more."""
        if not self.ended.done():
            self.ended.set_result(reason)


class Channel:
    """A stream that has reached the end of the feed, and its readers. `since`: it has all that comes after."""

    def __init__(
        self,
        subscription: Subscription,
        source: AsyncIterator[Any],
        since: int,
        limits: LiveLimits,
        on_end: Callable[["Channel"], None],
    ) -> None:
        self.since = since
        self._subscription = subscription
        self._source = source
        self._limits = limits
        self._on_end = on_end
        self._readers: dict[Subscriber, None] = {}
        self._recent: deque[Message] = deque()
        self._bytes = 0
        self._task = asyncio.create_task(self._run())

    async def join(self, subscriber: Subscriber) -> None:
        """Adds a reader whose position is not before `since`. Nothing is waited for, so nothing comes between."""
        for message in self._recent:
            await subscriber.deliver(message)
        self._readers[subscriber] = None

    def leave(self, subscriber: Subscriber) -> None:
        """Takes a reader away; with the last one the stream ends."""
        self._readers.pop(subscriber, None)
        if not self._readers:
            self._on_end(self)
            self._task.cancel()

    async def _run(self) -> None:
        reason: Exception | None = None
        try:
            async for value in self._source:
                message = await self._subscription.tell(value)
                heed_cancellation()  # the last reader may have left meanwhile
                self._keep(message)
                for subscriber in tuple(self._readers):
                    await subscriber.deliver(message)
        except Exception as error:  # noqa: BLE001 - each reader is told of it
            reason = error
        finally:
            self._on_end(self)
            await close(self._source)
            for subscriber in self._readers:
                subscriber.end(reason)

    def _keep(self, message: Message) -> None:
        if message.place is None or not message.place.is_event:
            return
        self._recent.append(message)
        self._bytes += len(message.payload)
        while len(self._recent) > self._limits.shared_events or self._bytes > self._limits.shared_bytes:
            oldest = self._recent.popleft()
            self._bytes -= len(oldest.payload)
            self.since = oldest.place.seq if oldest.place else self.since

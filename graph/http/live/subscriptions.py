"""Subscriptions from their start to their end: each reads alone until it has caught up, and then with the others."""

from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from graph.domain.denials import TooManySubscriptionsError
from graph.domain.limits import LiveLimits
from graph.http.live.channel import Channel, Subscriber, Subscription, Wire
from graph.http.live.operation import Message, close
from search_sync.tasks import heed_cancellation


class Subscriptions:
    """All of one process. `count` is how many there are."""

    def __init__(self, limits: LiveLimits) -> None:
        self.count = 0
        self._limits = limits
        self._channels: dict[Hashable, Channel] = {}

    @property
    def channel_count(self) -> int:
        """How many different streams they read."""
        return len(self._channels)

    async def serve(self, subscription: Subscription, wire: Wire) -> None:
        """Sends all that the subscription tells of, and returns at its end.

        Raises TooManySubscriptionsError, RefusedError, and whatever ends the subscription before its time.
        """
        with self.counting():
            await self._serve(subscription, Subscriber(wire, self._limits))

    def refuse_more(self) -> None:
        """Raises TooManySubscriptionsError when there is no room for one more."""
        if self.count >= self._limits.subscriptions:
            raise TooManySubscriptionsError

    @contextmanager
    def counting(self) -> Iterator[None]:
        """While the block runs, there is one more. Raises TooManySubscriptionsError."""
        self.refuse_more()
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1

    async def _serve(self, subscription: Subscription, subscriber: Subscriber) -> None:
        key = subscription.key
        channel = await self._catch_up(subscription, key, subscriber)
        if channel is None:
            return
        try:
            if reason := await subscriber.ended:
                raise reason
        finally:
            channel.leave(subscriber)

    async def _catch_up(self, subscription: Subscription, key: Hashable, subscriber: Subscriber) -> Channel | None:
        """Reads until there is a channel to join; None when the stream has ended before that."""
        source = await subscription.open()
        is_handed_over = False
        try:
            async for value in source:
                message = await subscription.tell(value)
                heed_cancellation()  # swallowed, it would wait for an end that nobody brings
                await subscriber.deliver_all(message)
                channel = self._channels.get(key)
                if channel is None and message.place and message.place.is_live:
                    channel = self._channels[key] = self._open(subscription, key, source, message)
                    is_handed_over = True
                if channel and message.place and channel.since <= message.place.seq:
                    await channel.join(subscriber)
                    return channel
        finally:
            if not is_handed_over:
                await close(source)
        return None

    def _open(self, subscription: Subscription, key: Hashable, source: AsyncIterator[Any], message: Message) -> Channel:
        def forget(ended: Channel) -> None:
            if self._channels.get(key) is ended:
                del self._channels[key]

        assert message.place is not None
        return Channel(subscription, source, message.place.seq, self._limits, forget)

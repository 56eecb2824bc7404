"""Subscriptions from their start to their end: each reads alone until it has caught up, and then with the others."""

from collections.abc import AsyncIterator, Hashable
from typing import Any

from graph.domain.errors import TooManySubscriptionsError
from graph.domain.limits import LiveLimits
from graph.http.live.channel import Channel, Subscriber, Wire
from graph.http.live.operation import Message, Operation, close


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

    async def serve(self, operation: Operation, wire: Wire) -> None:
        """Sends all that the subscription tells of, and returns at its end.

        Raises TooManySubscriptionsError, RefusedError, and whatever ends the subscription before its time.
        """
        if self.count >= self._limits.subscriptions:
            raise TooManySubscriptionsError
        self.count += 1
        try:
            await self._serve(operation, Subscriber(wire, self._limits))
        finally:
            self.count -= 1

    async def _serve(self, operation: Operation, subscriber: Subscriber) -> None:
        key = operation.key
        channel = await self._catch_up(operation, key, subscriber)
        if channel is None:
            return
        try:
            if reason := await subscriber.ended:
                raise reason
        finally:
            channel.leave(subscriber)

    async def _catch_up(self, operation: Operation, key: Hashable, subscriber: Subscriber) -> Channel | None:
        """Reads until there is a channel to join; None when the stream has ended before that."""
        source = await operation.open()
        is_handed_over = False
        try:
            async for value in source:
                message = await operation.tell(value)
                await subscriber.deliver_all(message)
                channel = self._channels.get(key)
                if channel is None and message.place and message.place.is_live:
                    channel = self._channels[key] = self._open(operation, key, source, message)
                    is_handed_over = True
                if channel and message.place and channel.since <= message.place.seq:
                    await channel.join(subscriber)
                    return channel
        finally:
            if not is_handed_over:
                await close(source)
        return None

    def _open(self, operation: Operation, key: Hashable, source: AsyncIterator[Any], message: Message) -> Channel:
        def forget(ended: Channel) -> None:
            if self._channels.get(key) is ended:
                del self._channels[key]

        assert message.place is not None
        return Channel(operation, source, message.place.seq, self._limits, forget)

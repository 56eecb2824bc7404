"""A stream of server-sent events, whatever is told on it: HTML Living Standard, section 9.2."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial

from aiohttp import web
from aiohttp.http_writer import StreamWriter

from graph.domain.limits import LiveLimits
from graph.http.live.operation import Message
from graph.http.live.outlet import Outlet
from graph.http.negotiation import EVENT_STREAM
from search_sync.tasks import end_task

LOOK_SECONDS = 1.0
HEARTBEAT = b":\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Frame = Callable[[Message], bytes]
"""A message as an event of the stream."""


class EventStream:
    """One client's connection."""

    def __init__(self, limits: LiveLimits, outlet: Outlet, frame: Frame) -> None:
        self.outlet = outlet
        self._limits = limits
        self._frame = frame
        self._sent_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._may_write = False

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return self.outlet.backlog

    async def send(self, message: Message) -> None:
        """Sends a message as an event."""
        await self.write(self._frame(message))

    async def write(self, event: bytes) -> None:
        """Sends an event. Raises ConnectionError when the client has left."""
        self._sent_at = asyncio.get_running_loop().time()
        await self.outlet.send(event)

    async def drain(self) -> None:
        """Waits until there is room for more."""
        await self.outlet.drain()

    async def serve(self, answer: Coroutine[None, None, None], *, may_write: bool = False) -> None:
        """Runs what sends the events until its end or the client's; where all is quiet it says that it lives.

        An answer that `may_write` to the store is let finish, client or not, as it is on every other road.
        """
        self._may_write = may_write
        self._task = task = asyncio.create_task(answer)
        try:
            with suppress(ConnectionError):
                await self._stand_by(task)
            if may_write:
                await asyncio.wait([task])
        finally:
            await end_task(task)

    async def _stand_by(self, task: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        self._sent_at = loop.time()
        while not (await asyncio.wait([task], timeout=LOOK_SECONDS))[0] and not self.outlet.is_gone:
            if loop.time() >= self._sent_at + self._limits.heartbeat_seconds:
                await self.write(HEARTBEAT)

    async def say_goodbye(self) -> None:
        """The server stops. Nothing is said: a client that is cut off connects again."""
        if self._task and self._may_write:
            await asyncio.wait([self._task])
        elif self._task:
            self._task.cancel()


async def open_event_stream(request: web.Request) -> tuple[web.StreamResponse, Outlet]:
    """Begins the answer."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": f"{EVENT_STREAM}; charset=utf-8"})
    writer = await response.prepare(request)
    if not isinstance(writer, StreamWriter):
        raise TypeError("only aiohttp's own writer writes without waiting")
    return response, Outlet(request, writer, partial(writer.write, drain=False))

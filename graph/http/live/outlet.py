"""The way out to one client: writes never wait, what piles up is counted, and who takes nothing any more is dropped."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

Write = Callable[[bytes], Awaitable[None]]
"""Hands bytes to the transport at once, however full it is."""


class Outlet:
    """One connection's. Raises ConnectionError when it is gone."""

    def __init__(self, request: web.Request, writer: AbstractStreamWriter, write: Write) -> None:
        if request.transport is None:
            raise ConnectionResetError("The client has left.")
        self._transport: asyncio.WriteTransport = request.transport
        self._writer = writer
        self._write = write
        self._written = 0
        self._taken = 0
        self._taken_at = 0.0

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return self._transport.get_write_buffer_size()

    @property
    def is_gone(self) -> bool:
        """True when the client has left."""
        return self._transport.is_closing()

    async def send(self, frame: bytes) -> None:
        """Sends, or adds to what waits; it never waits itself."""
        await self._write(frame)
        self._written += len(frame)

    async def drain(self) -> None:
        """Waits until there is room for more."""
        await self._writer.drain()

    def drop_if_stuck(self, now: float, seconds: float) -> None:
        """Cuts the connection when some bytes wait and none could be sent for so long. To be asked now and then."""
        backlog = self.backlog
        taken = self._written - backlog
        if not backlog or taken > self._taken:
            self._taken, self._taken_at = taken, now
        elif now - self._taken_at > seconds:
            self.drop()

    def drop(self) -> None:
        """Cuts the connection; what waits is thrown away."""
        self._transport.abort()

"""All connections that stay open: counted, looked after, and ended with the server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from aiohttp import web

from graph.domain.limits import LiveLimits
from graph.http.errors import RequestRefusedError
from graph.http.live.outlet import Outlet

LOOK_SECONDS = 1.0
GOODBYE_SECONDS = 1.0


class Connection(Protocol):
    """One client's."""

    outlet: Outlet

    async def say_goodbye(self) -> None:
        """Ends it because the server stops; to be cut off when that takes long."""


class Connections:
    """Those of one process."""

    def __init__(self, limits: LiveLimits) -> None:
        self._limits = limits
        self._open: set[Connection] = set()
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._open)

    def refuse_more(self) -> None:
        """Raises RequestRefusedError when there is no room for one more."""
        if self._is_closing or len(self._open) >= self._limits.connections:
            message = "This server has as many open connections as it takes. Try again in a moment."
            raise RequestRefusedError(503, "TOO_MANY_CONNECTIONS", message, {"Retry-After": "1"})

    @contextmanager
    def keeping(self, connection: Connection) -> Iterator[None]:
        """While the block runs, the connection is looked after."""
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    async def look_after(self, app: web.Application) -> AsyncIterator[None]:
        """For the application's `cleanup_ctx`: drops those that are stuck, as long as the server lives."""
        looking = asyncio.create_task(self._look())
        yield
        looking.cancel()
        await asyncio.wait([looking])

    async def say_goodbye(self, app: web.Application) -> None:
        """For the application's `on_shutdown`: ends them all, within a second and a moment."""
        self._is_closing = True
        if not self._open:
            return
        goodbyes = [asyncio.create_task(connection.say_goodbye()) for connection in self._open]
        _, unfinished = await asyncio.wait(goodbyes, timeout=GOODBYE_SECONDS)
        for task in unfinished:
            task.cancel()
        for connection in self._open:
            with suppress(ConnectionError):
                connection.outlet.drop()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for connection in tuple(self._open):
                connection.outlet.drop_if_stuck(loop.time(), self._limits.send_seconds)

"""All connections that stay open: counted, looked after, and ended with the server."""

import asyncio
from collections import Counter
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


class Stranger:
    """A client that no key has come from, counted by its address until it goes, or is known."""

    def __init__(self, counts: Counter[str], address: str) -> None:
        self._counts = counts
        self._address: str | None = address
        counts[address] += 1

    def leave(self) -> None:
        """It is no stranger any more. Doing it again does nothing."""
        if (address := self._address) is None:
            return
        self._address = None
        self._counts[address] -= 1
        if not self._counts[address]:
            del self._counts[address]


class Connections:
    """Those of one process."""

    def __init__(self, limits: LiveLimits) -> None:
        self._limits = limits
        self._open: set[Connection] = set()
        self._strangers: Counter[str] = Counter()
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._open)

    def refuse_more(self) -> None:
        """Raises RequestRefusedError when there is no room for one more."""
        if self._is_closing or len(self._open) >= self._limits.connections:
            message = "This server has as many open connections as it takes. Try again in a moment."
            raise RequestRefusedError(503, "TOO_MANY_CONNECTIONS", message, {"Retry-After": "1"})

    @contextmanager
    def counting(self, address: str) -> Iterator[Stranger]:
        """While the block runs, the client is a stranger, unless it leaves them. Raises RequestRefusedError."""
        if self._strangers[address] >= self._limits.strangers:
            message = "Your address has as many open connections without a key as it may. Close some, or send a key."
            raise RequestRefusedError(429, "TOO_MANY_CONNECTIONS", message, {"Retry-After": "1"})
        stranger = Stranger(self._strangers, address)
        try:
            yield stranger
        finally:
            stranger.leave()

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

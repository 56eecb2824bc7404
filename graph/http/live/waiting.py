"""An answer that takes its time."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web

from graph.http.errors import RequestRefusedError
from graph.http.live.outlet import Outlet
from search_sync.tasks import end_task

T = TypeVar("T")

LOOK_SECONDS = 1.0


class Waiting:
    """A request whose answer is waited for; the waiting ends with its client, and with the server."""

    def __init__(self, request: web.Request) -> None:
        self.outlet = Outlet(request, request.writer, request.writer.write)
        self._task: asyncio.Task[Any] | None = None

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work brings. Raises RequestRefusedError when it is given up."""
        self._task = task = asyncio.create_task(work)
        try:
            while not task.done() and not self.outlet.is_gone:
                await asyncio.wait([task], timeout=LOOK_SECONDS)
            if task.done() and not task.cancelled():
                return task.result()
        finally:
            await end_task(task)
        if self.outlet.is_gone:
            # Nobody hears it; the log says what nginx would.
            raise RequestRefusedError(499, "CALLER_GONE", "Nobody waits for this answer.")
        raise RequestRefusedError(503, "UNAVAILABLE", "This server stops. Ask again.", {"Retry-After": "1"})

    async def say_goodbye(self) -> None:
        """The server stops."""
        if self._task:
            self._task.cancel()

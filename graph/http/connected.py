"""Ends work that nobody waits for any more.

aiohttp lets a handler run on when its caller is gone, which is right for a write that has begun. A call of a model
costs money for every token, so it is ended.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

LOOK_SECONDS = 0.2


class CallerGoneError(Exception):
    """The caller has closed the connection."""


@asynccontextmanager
async def while_connected(request: web.Request) -> AsyncIterator[None]:
    """Cancels what is inside within a moment of the caller's leaving. Raises CallerGoneError then."""
    loop = asyncio.get_running_loop()
    looking: asyncio.TimerHandle | None = None

    def look() -> None:
        nonlocal looking
        if request.transport is None or request.transport.is_closing():
            scope.reschedule(loop.time())
        else:
            looking = loop.call_later(LOOK_SECONDS, look)

    scope = asyncio.timeout(None)
    looking = loop.call_later(LOOK_SECONDS, look)
    try:
        async with scope:
            yield
    except TimeoutError as error:
        if scope.expired():
            raise CallerGoneError from error
        raise
    finally:
        looking.cancel()


async def write_within(request: web.Request, stream: web.StreamResponse, chunk: bytes, seconds: float) -> None:
    """Writes, or ends the connection of one who stays and takes nothing: with them, one to the provider is held.

    Raises CallerGoneError then.
    """
    try:
        async with asyncio.timeout(seconds):
            await stream.write(chunk)
    except TimeoutError as error:
        if request.transport:
            request.transport.abort()
        raise CallerGoneError from error

"""Whether the caller is still there, and takes what is sent.

aiohttp lets a handler run on when its caller is gone, which is right for a write that has begun, and not for a call of
a model: `graph.operations.presence` ends that.
"""

import asyncio
from contextlib import AbstractAsyncContextManager

from aiohttp import web

from graph.domain.errors import CallerGoneError
from graph.operations.presence import IsWanted, while_wanted


def connection_of(request: web.Request) -> IsWanted:
    """False as soon as the caller has closed the connection."""
    return lambda: request.transport is not None and not request.transport.is_closing()


def while_connected(request: web.Request) -> AbstractAsyncContextManager[None]:
    """Cancels what is inside within a moment of the caller's leaving. Raises CallerGoneError then."""
    return while_wanted(connection_of(request))


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

"""Ends work that nobody waits for any more.

A write that has begun is let finish, whoever has left. A call of a model costs money for every token, so it is ended.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from graph.domain.errors import CallerGoneError

IsWanted = Callable[[], bool]
"""False when the caller has left, or wants no more of it."""

LOOK_SECONDS = 0.2


def always() -> bool:
    """For callers who cannot leave."""
    return True


@asynccontextmanager
async def while_wanted(is_wanted: IsWanted) -> AsyncIterator[None]:
    """Cancels what is inside within a moment of the caller's leaving. Raises CallerGoneError then."""
    loop = asyncio.get_running_loop()
    looking: asyncio.TimerHandle | None = None

    def look() -> None:
        nonlocal looking
        if is_wanted():
            looking = loop.call_later(LOOK_SECONDS, look)
        else:
            scope.reschedule(loop.time())

    if not is_wanted():
        raise CallerGoneError
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

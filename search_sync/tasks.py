"""Tasks beside one another, and being told to stop without missing it."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

_AGAIN_SECONDS = 0.2


async def run_together(*works: Coroutine[Any, Any, Any], gravest: Sequence[type[Exception]] = ()) -> None:
    """Runs them until one fails or this is cancelled; then the others are cancelled and waited for.

    Of several failures the one that comes first in `gravest` is raised. A TaskGroup would do, but before Python 3.13
    it leaves its own task counted as cancelled, which `heed_cancellation` reads. Whoever was told to stop just before
    runs nothing: having swallowed it, nobody would tell it again.
    """
    if is_told_to_stop():
        for work in works:
            work.close()
        raise asyncio.CancelledError
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    errors = [error for error in results if isinstance(error, Exception)]
    errors.sort(key=lambda error: next((i for i, kind in enumerate(gravest) if isinstance(error, kind)), len(gravest)))
    if errors:
        raise errors[0]


def heed_cancellation() -> None:
    """Raises CancelledError when this task was told to stop and something that it awaited has swallowed that.

    `asyncio.wait_for`, which the driver uses, does so before Python 3.12 when its result comes at the same moment.
    Every loop that is left only by cancellation asks here.
    """
    if is_told_to_stop():
        raise asyncio.CancelledError


def is_told_to_stop() -> bool:
    """Whether somebody has cancelled this task, whatever has become of that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def end_task(task: asyncio.Future[Any]) -> None:
    """Cancels it, as often as it takes: what it awaits may swallow that. What it raises is passed over."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_SECONDS)
    if not task.cancelled():
        task.exception()

"""Counts and marks that are kept in memory and written now and then, so that no request waits for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from pymongo.errors import PyMongoError

from graph.domain.outages import UnavailableError
from search_sync.tasks import heed_cancellation

log = structlog.get_logger(__name__)


@asynccontextmanager
async def flushing(flush: Callable[[], Awaitable[None]], seconds: float, what: str) -> AsyncIterator[None]:
    """Calls `flush` every so many seconds, and once more at the end; what fails is tried again the next time."""
    task = asyncio.create_task(_keep_flushing(flush, seconds, what))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await _flush_or_log(flush, what)


async def _keep_flushing(flush: Callable[[], Awaitable[None]], seconds: float, what: str) -> None:
    while True:
        await asyncio.sleep(seconds)
        await _flush_or_log(flush, what)
        heed_cancellation()


async def _flush_or_log(flush: Callable[[], Awaitable[None]], what: str) -> None:
    try:
        await flush()
    except (UnavailableError, PyMongoError) as error:
        log.warning(f"{what} not written", reason=type(error).__name__)
    except Exception:  # a fault of ours must not end the flushing while the process lives
        log.exception(f"{what} not written")

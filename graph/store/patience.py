"""Waiting for the store, where an outage is to be waited out and not told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from graph.domain.outages import UnavailableError
from search_sync.tasks import heed_cancellation

T = TypeVar("T")

PAUSE_SECONDS = 0.25


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as the store can give it: who follows misses nothing, and what was done is not forgotten."""
    while True:
        heed_cancellation()
        try:
            return await ask()
        except (UnavailableError, TimeoutError):
            await asyncio.sleep(PAUSE_SECONDS)

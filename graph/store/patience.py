"""Waiting for the store, where an outage is to be waited out and not told: for ever, or within bounds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError, UnavailableError
from search_sync.backoff import Backoff
from search_sync.tasks import heed_cancellation

T = TypeVar("T")

PAUSE_SECONDS = 0.25

log = structlog.get_logger(__name__)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as the store can give it: who follows misses nothing, and what was done is not forgotten."""
    while True:
        heed_cancellation()
        try:
            return await ask()
        except (UnavailableError, TimeoutError):
            await asyncio.sleep(PAUSE_SECONDS)


class Patience:
    """Shared by the parts of one work: it ends when none of them has had an answer for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._heard_at = time.monotonic()
        self._is_waiting = False

    async def insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` answers, asked again while the database does not; so it must be safe to ask twice.

        Raises StoreUnavailableError and OutcomeUnknownError when the patience is at its end.
        """
        backoff = Backoff(0.1, 2.0)
        while True:
            heed_cancellation()
            try:
                answer = await ask()
            except (StoreUnavailableError, OutcomeUnknownError):
                if time.monotonic() - self._heard_at > self._seconds:
                    raise
                self._tell_once()
                await backoff.wait()
            else:
                self._heard_at, self._is_waiting = time.monotonic(), False
                return answer

    def _tell_once(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            log.warning("the database does not answer; it is waited for", seconds=self._seconds)

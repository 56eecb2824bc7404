"""Writers of one prompt wait for each other here, in line, instead of colliding in the database.

Sixteen raters of one prompt in bare transactions had a p99 of 1.26 s, in line 0.1 s. Between processes the
transaction's own retries keep the order.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from graph.domain.outages import StoreUnavailableError


class PromptLocks:
    """One lock for each prompt that is being written, and none for the others; `seconds` bounds the wait.

    `on_release` is told whose lock was held, before its holder can answer: the prompt may be another one now.
    """

    def __init__(self, seconds: float, on_release: Callable[[str], None]) -> None:
        self._seconds = seconds
        self._on_release = on_release
        self._held: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def holding(self, prompt_id: str) -> AsyncIterator[None]:
        """Waits for its turn. Raises StoreUnavailableError when those before it take too long."""
        lock, users = self._held.get(prompt_id) or (asyncio.Lock(), 0)
        self._held[prompt_id] = (lock, users + 1)
        try:
            await self._acquire(lock)
            try:
                yield
            finally:
                self._on_release(prompt_id)
                lock.release()
        finally:
            lock, users = self._held.pop(prompt_id)
            if users > 1:
                self._held[prompt_id] = (lock, users - 1)

    async def _acquire(self, lock: asyncio.Lock) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await lock.acquire()
        except TimeoutError as error:
            raise StoreUnavailableError from error

"""Waiting after a failure: twice as long each time, up to a bound, and never in step with the neighbours."""

import asyncio
import random


class Backoff:
    """Seconds to wait, from `first` to `most`, each between half and the whole of its step."""

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._next = first

    async def wait(self) -> None:
        """Waits, and longer the next time."""
        await asyncio.sleep(self._next * random.uniform(0.5, 1.0))
        self._next = min(self._most, self._next * 2)

    def reset(self) -> None:
        """It worked: the next failure waits briefly again."""
        self._next = self._first

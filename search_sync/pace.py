"""Doing together what comes together: for what costs the same, be it done for one change or for many."""

import asyncio
import time

BUSIEST = 4


class Pace:
    """What comes alone is done at once. While more comes within the pause, the next pause is twice as long.

    `seconds` is the shortest pause from the end of one round to the next; `BUSIEST` times as much is the longest.
    """

    def __init__(self, seconds: float) -> None:
        self._shortest = self._pause = seconds
        self._ended_at = float("-inf")

    def note_end(self) -> None:
        """A round has ended."""
        self._ended_at = time.monotonic()

    async def gather(self) -> None:
        """To be awaited when there is something to do: returns when it is time to do it."""
        left = self._ended_at + self._pause - time.monotonic()
        if left <= 0:
            self._pause = self._shortest
            return
        self._pause = min(2 * self._pause, BUSIEST * self._shortest)
        await asyncio.sleep(left)

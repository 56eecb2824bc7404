"""Doing together what comes together: for what costs the same, be it done for one change or for many."""

import asyncio
import time

BUSIEST = 4


class Pace:
    """What comes later than the shortest pause is done at once; while more comes sooner, pauses grow twice as long.

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
        since = time.monotonic() - self._ended_at
        if since >= self._shortest:  # by the shortest: else a hiccup would make a steady trickle slow for ever
            self._pause = self._shortest
            return
        pause, self._pause = self._pause, min(2 * self._pause, BUSIEST * self._shortest)
        await asyncio.sleep(pause - since)

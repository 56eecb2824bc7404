"""How far the index of this process has come, for whoever waits until it has come far enough."""

import asyncio

from bson.timestamp import Timestamp

from search_sync.tasks import heed_cancellation


class Progress:
    """Moved by the worker, each time that a round is in the index."""

    def __init__(self) -> None:
        self._complete_at = 0.0
        self._cluster_time: Timestamp | None = None
        self._moved = asyncio.Event()

    @property
    def moved(self) -> asyncio.Event:
        """Is set at the next move. Take it before you look, lest the move comes in between."""
        return self._moved

    def advance(self, complete_at: float, cluster_time: Timestamp | None) -> None:
        """Everything before `complete_at`, by `time.monotonic`, and up to `cluster_time` is in."""
        self._complete_at, self._cluster_time = complete_at, cluster_time
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def wait_until_complete(self, asked: float, now: Timestamp | None) -> None:
        """Returns when everything is in that the store held at `asked`, which was `now` by the database's clock."""
        while self._complete_at < asked and not (now and self._cluster_time and self._cluster_time > now):
            heed_cancellation()
            await self._moved.wait()

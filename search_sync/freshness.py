"""What a search has to tell of its index: how new it is, how much it lacks, and whether it holds a change yet."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from search_sync.index.protocol import IndexUnavailableError, SearchIndex
from search_sync.lease import Lease
from search_sync.source import PromptSource
from search_sync.status import Status
from search_sync.tasks import heed_cancellation
from search_sync.worker import Worker

_POLL_SECONDS = 0.02
_MISSED_SECONDS = 5.0  # a token may name what will never come; it must not be told of for ever
_MISSED_MOST = 50
_TELLINGS = 3  # what another process has written down last may be from before the change, the next from amid it
_WOKEN_SECONDS = 0.25  # a worker in this process wakes us; this is for the moment when it has just lost its lease


@dataclass(frozen=True, slots=True)
class Freshness:
    """`indexed_at` is the newest change taken in, None before the first; `pending_changes` are prompts that wait.

    `pending_changes` is None when nobody knows: no worker is alive, or it has not been told of every change yet.
    """

    indexed_at: datetime | None
    pending_changes: int | None


class FreshnessReader:
    """Asks the worker of this process when it is the one that leads, else what the leader has written down.

    `name` is the index's, as its workers are told. What is written down is at most `seconds` old, and a beat.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        index: SearchIndex,
        worker: Worker | None = None,
        name: str = "index",
        seconds: float = 0.1,
    ) -> None:
        self._index = index
        self._worker = worker
        self._lease = Lease(database, name, "", 2.0)
        self._source = PromptSource(database, 2.0)
        self._seconds = seconds
        self._read: tuple[float, Freshness] | None = None
        self._missed: dict[str, tuple[int, float]] = {}

    async def tell(self) -> Freshness:
        """How things are. Raises PyMongoError when it has to ask MongoDB and gets no answer."""
        if self._worker is not None and self._worker.is_leading:
            return await self._own_up(_from_status(self._worker.status))
        if self._read is None or time.monotonic() - self._read[0] > self._seconds:
            self._read = (time.monotonic(), await self._ask())
        return await self._own_up(self._read[1])

    async def tell_anew(self, seconds: float) -> Freshness:
        """`tell`, but what is said to wait is asked for again when the worker has moved on, so many seconds at most.

        For whoever has just found a change in the index: the worker may not have counted it as done yet.
        """
        moved = self._worker.progress.moved if self._worker else None
        told = [await self.tell()]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while told[-1].pending_changes and len(told) < _TELLINGS:
                    heed_cancellation()
                    await self._pause(moved)
                    fresh = await self.tell()
                    told += [fresh] if fresh != told[-1] else []
        return told[-1]

    async def wait_for(self, prompt_id: str, rev: int, seconds: float, index_seconds: float | None = None) -> bool:
        """Whether the index holds that revision, or a later one, within so many seconds.

        Of a prompt that the store has no more, it waits until the index has none either. Raises
        IndexUnavailableError, also when the index takes more than `index_seconds` for one answer.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    heed_cancellation()
                    moved = self._worker.progress.moved if self._worker else None
                    if await self._holds(prompt_id, rev, index_seconds):
                        return True
                    await self._pause(moved)
        except TimeoutError:
            self._remember(prompt_id, rev)
            return False

    async def _own_up(self, fresh: Freshness) -> Freshness:
        """A change that was just waited for in vain is pending, whether the worker has been told of it or not."""
        if fresh.pending_changes != 0:
            return fresh
        for prompt_id, (rev, at) in list(self._missed.items()):
            if time.monotonic() - at < _MISSED_SECONDS and not await self._surely_holds(prompt_id, rev):
                return Freshness(fresh.indexed_at, 1)
            self._missed.pop(prompt_id, None)
        return fresh

    def _remember(self, prompt_id: str, rev: int) -> None:
        self._missed.pop(prompt_id, None)
        self._missed[prompt_id] = (rev, time.monotonic())
        if len(self._missed) > _MISSED_MOST:
            del self._missed[next(iter(self._missed))]

    async def _surely_holds(self, prompt_id: str, rev: int) -> bool:
        try:
            return await self._holds(prompt_id, rev)
        except IndexUnavailableError:
            return False

    async def _holds(self, prompt_id: str, rev: int, index_seconds: float | None = None) -> bool:
        held = await self._read_revision(prompt_id, index_seconds)
        if held is not None:
            return held >= rev
        return not [document async for document in self._source.read([prompt_id])]

    async def _read_revision(self, prompt_id: str, seconds: float | None) -> int | None:
        try:
            async with asyncio.timeout(seconds):
                return (await self._index.revisions([prompt_id])).get(prompt_id)
        except TimeoutError:
            raise IndexUnavailableError(f"The index took more than {seconds} seconds.") from None

    async def _pause(self, moved: asyncio.Event | None) -> None:
        if moved is None or self._worker is None or not self._worker.is_leading:
            await asyncio.sleep(_POLL_SECONDS)
            return
        try:
            async with asyncio.timeout(_WOKEN_SECONDS):
                await moved.wait()
        except TimeoutError:
            return

    async def _ask(self) -> Freshness:
        told = await self._lease.read()
        fresh = _from_status(told.status) if told.status else Freshness(None, None)
        return fresh if told.is_alive else Freshness(fresh.indexed_at, None)


def _from_status(status: Status) -> Freshness:
    return Freshness(status.indexed_at, status.pending if status.counts_all else None)

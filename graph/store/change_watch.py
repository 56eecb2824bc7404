"""Word of every write to some collections, whoever made it: by one change stream, as soon as the majority has it.

async with watch.running(): …
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from typing import NoReturn, Protocol

import structlog
from pymongo.errors import PyMongoError

from graph.store.codec import Document
from graph.store.database import Database
from search_sync.backoff import Backoff
from search_sync.tasks import end_task, heed_cancellation

ASKED_WITHIN = 4  # so often is the database heard from in the time that its silence is borne
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
CHANGES_OF_ONE = frozenset({"insert", "update", "replace", "delete"})

log = structlog.get_logger(__name__)


class Forgetful(Protocol):
    """What is kept of documents."""

    def forget(self, owner: str) -> None:
        """The document of this `_id` was written."""

    def clear(self) -> None:
        """Any may have been."""


class ChangeWatch:
    """`seconds` is how long the database may be silent before the watch counts as deaf; 0 watches nothing."""

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self._seconds = seconds
        self._told: dict[str, Forgetful] = {}
        self._heard_at = float("-inf")

    def tell(self, collection: str, keeper: Forgetful) -> None:
        """The keeper is told of what is written to the collection."""
        self._told[collection] = keeper

    def is_heard(self) -> bool:
        """True when everything that the majority had `seconds` ago has been told."""
        return time.monotonic() - self._heard_at < self._seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watches while the block runs."""
        if not self._seconds:
            yield
            return
        task = asyncio.create_task(self._run(), context=Context())
        try:
            yield
        finally:
            await end_task(task)
            self._fall_silent()

    async def _run(self) -> NoReturn:
        backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            heed_cancellation()
            try:
                await self._watch(backoff)
            except (PyMongoError, TimeoutError) as error:
                log.warning("prompts and keys are read anew each time for a moment", reason=type(error).__name__)
            except Exception:  # a fault of ours must not make every read slow for good
                log.exception("the watch on prompts and keys failed")
            self._fall_silent()
            await backoff.wait()

    async def _watch(self, backoff: Backoff) -> None:
        """Returns when the stream ends of itself, as at a rename of what is watched."""
        wait = self._seconds / ASKED_WITHIN
        async with await self._database.watch(list(self._told), wait) as stream:
            era = self._database.era
            while stream.alive:
                heed_cancellation()
                asked_at = time.monotonic()
                async with asyncio.timeout(self._database.timeout + wait):
                    change = await stream.try_next()
                if era != self._database.era:
                    era = self._database.era
                    self._forget_all()  # what was read of the former primary may be undone, and nobody told
                if change is not None:
                    self._pass_on(change)
                self._heard_at = asked_at
                backoff.reset()

    def _pass_on(self, change: Document) -> None:
        keeper = self._told.get(change.get("ns", {}).get("coll", ""))
        if keeper and change["operationType"] in CHANGES_OF_ONE:
            keeper.forget(str(change["documentKey"]["_id"]))
        else:
            self._forget_all()

    def _fall_silent(self) -> None:
        self._heard_at = float("-inf")
        self._forget_all()

    def _forget_all(self) -> None:
        for keeper in self._told.values():
            keeper.clear()

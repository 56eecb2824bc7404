"""Word of every write to some collections, whoever made it: by one change stream, as soon as the majority has it.

A stream that breaks off is never gone on with. What was read is forgotten, and a new one begins.

async with watch.running(): …
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from typing import NoReturn, Protocol

import structlog
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.errors import PyMongoError

from graph.store.codec import Document
from graph.store.database import Database
from search_sync.backoff import Backoff
from search_sync.tasks import end_task, heed_cancellation

ASKED_WITHIN = 4  # so often is the database heard from in the time that its silence is borne
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
CLOSING_SECONDS = 1.0
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
        self._has_complained = False

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
                self._complain(type(error).__name__, getattr(error, "code", None))
            except Exception:  # a fault of ours must not make every read slow for good
                log.exception("the watch on prompts and keys failed")
            self._fall_silent()
            await backoff.wait()

    async def _watch(self, backoff: Backoff) -> None:
        """Returns when the stream ends of itself, or who tells it is not, or no longer, known as the primary."""
        wait = self._seconds / ASKED_WITHIN
        stream = await self._database.watch(list(self._told), wait)
        try:
            primary = self._database.primary
            if primary is None or primary[0] != stream.address:
                # A mongos waits for its slowest shard before it tells of any, and does not say that it does.
                self._complain("no primary is known")
                return
            self._forget_all()  # what was asked before the stream began may have been written before it, too
            while stream.alive:
                heed_cancellation()
                asked_at = time.monotonic()
                async with asyncio.timeout(self._database.timeout + wait):
                    change = await stream.try_next()
                if primary != self._database.primary:
                    # What was read of it may be undone, and cut off from the others it has nothing more to tell.
                    return
                if change is not None:
                    self._pass_on(change)
                self._take_heart(asked_at)
                backoff.reset()
        finally:
            await _close(stream)

    def _pass_on(self, change: Document) -> None:
        keeper = self._told.get(change.get("ns", {}).get("coll", ""))
        if keeper and change["operationType"] in CHANGES_OF_ONE:
            keeper.forget(str(change["documentKey"]["_id"]))
        else:
            self._forget_all()

    def _complain(self, reason: str, code: int | None = None) -> None:
        """Once, until something is heard: what a user may not do in MongoDB is tried again for ever."""
        if not self._has_complained:
            log.warning("prompts and keys are read anew each time: MongoDB does not tell", reason=reason, code=code)
        self._has_complained = True

    def _take_heart(self, asked_at: float) -> None:
        if self._has_complained:
            log.info("prompts and keys are kept again: MongoDB tells of their changes")
        self._has_complained = False
        self._heard_at = asked_at

    def _fall_silent(self) -> None:
        self._heard_at = float("-inf")
        self._forget_all()

    def _forget_all(self) -> None:
        for keeper in self._told.values():
            keeper.clear()


async def _close(stream: AsyncCommandCursor[Document]) -> None:
    """Lets go of the cursor; a server that does not answer is not waited for."""
    with suppress(PyMongoError, TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            await stream.close()

"""What hangs on a prompt and is too much for one transaction: cleared away piece by piece, whatever happens.

A long history is more than a transaction can hold. So its buckets are written before the prompt that they belong to,
and cleared after the prompt is gone. In between nobody can see them, and a mark in `removals` says that they have
no prompt: whoever has the registry open finishes later what a crash or an outage has left.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from pymongo.errors import PyMongoError

from graph.domain.outages import UnavailableError
from graph.store.database import Collection, Database, Session
from search_sync.tasks import end_task, heed_cancellation

log = structlog.get_logger(__name__)

BESIDE = ("version_archives", "ratings", "version_stats", "renders", "feedback", "references")
PIECE = 500
LEFT_ALONE = timedelta(minutes=15)
SWEEP_SECONDS = 600.0


class RemovalStore:
    """The collection `removals`: `{_id: the prompt's id, at}` for each prompt that is not there yet, or no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = database.collection("removals")
        self._beside = [database.collection(name) for name in BESIDE]

    async def mark(self, prompt_id: str, at: datetime, session: Session | None = None) -> None:
        """Says that whatever hangs on this prompt is to be cleared away."""
        await self._marks.replace_one({"_id": prompt_id}, {"at": at}, upsert=True, session=session)

    async def unmark(self, prompt_id: str, session: Session | None = None) -> None:
        """Says that the prompt is there."""
        await self._marks.delete_one({"_id": prompt_id}, session=session)

    async def clear(self, prompt_id: str) -> None:
        """Clears away what hangs on the prompt. What an outage leaves is cleared by `sweeping`, or at a next start."""
        try:
            for collection in self._beside:
                await self._clear(collection, prompt_id)
            with self._database.bounded():
                await self.unmark(prompt_id)
        except UnavailableError as error:
            log.warning("left to be cleared later", prompt_id=prompt_id, reason=error.code)

    async def clear_left(self, now: datetime) -> None:
        """Clears what earlier processes have left; a mark of the last minutes may be at work somewhere."""
        with self._database.bounded():
            marks = await self._marks.find({"at": {"$lt": now - LEFT_ALONE}}).to_list()
        for mark in marks:
            await self.clear(mark["_id"])

    @asynccontextmanager
    async def sweeping(self, clock: Callable[[], datetime], seconds: float = SWEEP_SECONDS) -> AsyncIterator[None]:
        """Clears what was left, now and then as long as this is open."""
        task = asyncio.create_task(self._keep_sweeping(clock, seconds))
        try:
            yield
        finally:
            await end_task(task)

    async def _keep_sweeping(self, clock: Callable[[], datetime], seconds: float) -> NoReturn:
        while True:
            await asyncio.sleep(seconds)
            heed_cancellation()
            try:
                await self.clear_left(clock())
            except (UnavailableError, PyMongoError) as error:
                log.warning("what is left is cleared later", reason=type(error).__name__)

    async def _clear(self, collection: Collection, prompt_id: str) -> None:
        while True:
            with self._database.bounded():
                found = await collection.find({"prompt_id": prompt_id}, {"_id": 1}).limit(PIECE).to_list()
                await collection.delete_many({"_id": {"$in": [document["_id"] for document in found]}})
            if len(found) < PIECE:
                return

"""Usage: how often each version was rendered, counted in memory and written in batches.

A crash loses at most what was counted since the last flush; a request never waits for it.
"""

from collections import Counter
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from pymongo import UpdateOne

from graph.domain.errors import OutcomeUnknownError
from graph.domain.prompts import VersionRef
from graph.store.database import Database, Session
from graph.store.flushing import flushing


class RenderStore:
    """The collection `renders`: one document for each version and hour."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._renders = database.collection("renders")
        self._prompts = database.collection("prompts")
        self._counted: Counter[tuple[VersionRef, datetime]] = Counter()

    def record(self, ref: VersionRef, at: datetime) -> None:
        """Counts one rendering, for the next flush."""
        self._counted[ref, at.replace(minute=0, second=0, microsecond=0)] += 1

    async def flush(self) -> None:
        """Writes what was counted. Raises StoreUnavailableError, having lost nothing."""
        counted, self._counted = self._counted, Counter()
        try:
            await self._write(counted)
        except OutcomeUnknownError:
            raise  # it may be written already: to lose a few counts is better than to count them twice
        except BaseException:
            self._counted += counted
            raise

    def flushing(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Flushes every so many seconds, and once more at the end."""
        return flushing(self.flush, seconds, "usage")

    async def _write(self, counted: Counter[tuple[VersionRef, datetime]]) -> None:
        if not counted:
            return
        by_prompt: Counter[str] = Counter()
        for (ref, _), count in counted.items():
            by_prompt[ref.prompt_id] += count

        async def write(session: Session) -> None:
            await self._renders.bulk_write(
                [
                    UpdateOne(
                        {"_id": f"{ref.prompt_id}:{ref.number}:{hour:%Y%m%d%H}"},
                        {
                            "$inc": {"count": count},
                            "$setOnInsert": {"prompt_id": ref.prompt_id, "number": ref.number, "hour": hour},
                        },
                        upsert=True,
                    )
                    for (ref, hour), count in counted.items()
                ],
                ordered=False,
                session=session,
            )
            await self._prompts.bulk_write(
                [
                    UpdateOne({"_id": prompt_id}, {"$inc": {"usage_count": count}})
                    for prompt_id, count in by_prompt.items()
                ],
                ordered=False,
                session=session,
            )

        await self._database.transact(write)

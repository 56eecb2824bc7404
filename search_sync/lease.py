"""One worker at a time. Whoever holds the lease has a number, the fence, that is higher than any before it.

All that a worker writes about itself lies in the same document and is written with the fence in the filter, so that
one that was paused and overtaken changes nothing there. Times are the database's: no clocks have to agree.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pymongo
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from search_sync.checkpoint import Checkpoint, checkpoint_from_document
from search_sync.status import Status, status_from_document
from search_sync.sync_state import open_state

Document = dict[str, Any]

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class LeaseLostError(Exception):
    """Another worker has taken over, or may have: nothing may be written any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the holder has last said of itself; `is_alive` when its lease has not run out."""

    status: Status | None
    checkpoint: Checkpoint | None
    is_alive: bool


class Lease:
    """The document of `sync_state` that is named as the index. `seconds` is how long a silent holder keeps it."""

    def __init__(self, database: AsyncDatabase[Document], index: str, holder: str, seconds: float) -> None:
        self._state = open_state(database)
        self._index = index
        self._holder = holder
        self._seconds = seconds
        self._fence = 0
        self._good_until = 0.0

    @property
    def name(self) -> str:
        """What it is the lease of."""
        return self._index

    @property
    def fence(self) -> int:
        """The number of this holding; 0 while it is not held."""
        return self._fence

    @property
    def is_good(self) -> bool:
        """Whether it is ours for sure, by our own clock."""
        return time.monotonic() < self._good_until

    async def acquire(self) -> bool:
        """Takes the lease when nobody has it. One that the same holder has had before is taken anew."""
        asked = time.monotonic()
        with pymongo.timeout(self._seconds):
            await self._make()
            taken = await self._state.find_one_and_update(
                {
                    "_id": self._index,
                    "$expr": {"$or": [{"$lt": ["$until", "$$NOW"]}, {"$eq": ["$holder", self._holder]}]},
                },
                [{"$set": {"holder": self._holder, "fence": {"$add": ["$fence", 1]}, "until": self._until()}}],
                return_document=True,
            )
        if taken is None:
            return False
        self._fence, self._good_until = taken["fence"], asked + self._seconds
        return True

    def check(self) -> None:
        """Raises LeaseLostError unless `is_good`."""
        if not self.is_good:
            raise LeaseLostError("The lease has run out.")

    async def beat(self, status: Status, checkpoint: Checkpoint | None) -> None:
        """Makes the lease good for its whole time again, and tells how things are. Raises LeaseLostError."""
        facts = {"status": status.to_document(), "checkpoint": checkpoint.to_document() if checkpoint else None}
        asked = time.monotonic()
        left = max(0.05, self._good_until - asked)
        with pymongo.timeout(left):
            result = await self._state.update_one(self._mine(), [self._setting(facts, self._until())])
        if not result.matched_count:
            self._good_until = 0.0
            raise LeaseLostError("Another worker holds the lease.")
        self._good_until = asked + self._seconds

    async def release(self, status: Status) -> None:
        """Gives the lease back, so that another takes it at once."""
        fence, self._good_until = self._fence, 0.0
        if fence:
            with pymongo.timeout(self._seconds):
                told = self._setting({"status": status.to_document()}, _LONG_AGO)
                await self._state.update_one(self._mine(), [told])

    async def read(self) -> Told:
        """What the present holder tells, whoever it is."""
        with pymongo.timeout(self._seconds):
            found = await self._state.aggregate(
                [{"$match": {"_id": self._index}}, {"$set": {"is_alive": {"$gt": ["$until", "$$NOW"]}}}]
            )
            documents = await found.to_list()
        if not documents:
            return Told(None, None, is_alive=False)
        told, status = documents[0], documents[0].get("status")
        return Told(
            status_from_document(status) if status else None,
            checkpoint_from_document(told.get("checkpoint")),
            told["is_alive"],
        )

    async def _make(self) -> None:
        try:
            await self._state.update_one(
                {"_id": self._index}, {"$setOnInsert": {"fence": 0, "until": _LONG_AGO}}, upsert=True
            )
        except DuplicateKeyError:
            return  # two have made it at once

    def _mine(self) -> Document:
        return {"_id": self._index, "holder": self._holder, "fence": self._fence}

    def _until(self) -> Document:
        return {"$add": ["$$NOW", int(self._seconds * 1000)]}

    def _setting(self, facts: Document, until: Any) -> Document:
        # Texts of ours may begin with a dollar; they are no expressions.
        return {"$set": {"until": until, **{name: {"$literal": value} for name, value in facts.items()}}}

"""Documents that the index refused: which, why, and how often, until they go in or are gone."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.strange_ids import read_id, write_id
from search_sync.sync_state import DURABLE

Document = dict[str, Any]

_REASON_CHARACTERS = 1_000


class DeadLetters:
    """The collection `sync_dead_letters`, those of one index."""

    def __init__(self, database: AsyncDatabase[Document], index: str, seconds: float) -> None:
        self._letters = database.get_collection("sync_dead_letters", write_concern=DURABLE)
        self._index = index
        self._seconds = seconds
        self._known: set[str] = set()

    def __len__(self) -> int:
        return len(self._known)

    async def load(self) -> None:
        """Reads which there are; what goes in later is compared with these."""
        with pymongo.timeout(self._seconds):
            found = await self._letters.find({"index": self._index}, {"prompt_id": 1, "raw_id": 1}).to_list()
        self._known = {read_id(letter.get("raw_id", letter["prompt_id"])) for letter in found}

    @property
    def ids(self) -> tuple[str, ...]:
        """The prompts that were refused."""
        return tuple(self._known)

    async def reasons(self) -> dict[str, str]:
        """Why each was refused."""
        with pymongo.timeout(self._seconds):
            found = await self._letters.find({"index": self._index}).to_list()
        return {letter["prompt_id"]: letter["reason"] for letter in found}

    async def put(self, refused: Mapping[str, str], revisions: Mapping[str, int], at: datetime) -> None:
        """Remembers them; a second time counts."""
        if not refused:
            return
        updates = [
            UpdateOne(
                {"_id": self._key(one)},
                {
                    "$set": {
                        "index": self._index,
                        "prompt_id": str(one),
                        "raw_id": write_id(one),
                        "reason": reason[:_REASON_CHARACTERS],
                        "rev": revisions.get(one),
                        "at": at,
                    },
                    "$inc": {"attempts": 1},
                },
                upsert=True,
            )
            for one, reason in refused.items()
        ]
        with pymongo.timeout(self._seconds):
            await self._letters.bulk_write(updates, ordered=False)
        self._known.update(refused)

    async def settle(self, ids: Collection[str]) -> None:
        """Forgets those that are in the index by now, or gone."""
        settled = self._known.intersection(ids)
        if settled:
            with pymongo.timeout(self._seconds):
                await self._letters.delete_many({"_id": {"$in": [self._key(one) for one in settled]}})
            self._known -= settled

    def _key(self, prompt_id: str) -> str:
        return f"{self._index}|{prompt_id}"

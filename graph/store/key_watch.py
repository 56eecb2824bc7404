"""Keys that are watched: what stands behind a stream that lives longer than the request that opened it.

However many streams ask, and for however many keys, the database is asked at most once in `FRESH_SECONDS` by a
process: one find of every key that was asked for of late answers them all.
"""

import asyncio
import time

from graph.domain.actors import ApiKey
from graph.store.api_keys import from_document
from graph.store.database import Database

FRESH_SECONDS = 0.2
WATCHED_SECONDS = 30.0


class KeyWatch:
    """The collection `api_keys`, as it was at most `fresh_seconds` ago."""

    def __init__(self, database: Database, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._database = database
        self._keys = database.collection("api_keys")
        self._fresh_seconds = fresh_seconds
        self._asked: dict[str, float] = {}
        self._known: dict[str, ApiKey | None] = {}
        self._known_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> ApiKey | None:
        """The key as it is; None when there is none. Raises StoreUnavailableError when that cannot be known."""
        asked = self._asked[key_id] = time.monotonic()
        while key_id not in self._known or self._known_at < asked - self._fresh_seconds:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            # Others wait for the same reading: that one of them goes away must not end it.
            await asyncio.shield(self._reading)
        return self._known[key_id]

    async def _read(self) -> None:
        begun = time.monotonic()
        self._asked = {key: at for key, at in self._asked.items() if at > begun - WATCHED_SECONDS}
        wanted = list(self._asked)
        with self._database.bounded():
            documents = await self._keys.find({"_id": {"$in": wanted}}).to_list()
        found = {document["_id"]: from_document(document) for document in documents}
        self._known, self._known_at = {key: found.get(key) for key in wanted}, begun

"""When each key was last used, marked in memory and written in batches. A crash loses the last marks, and no more."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime

from pymongo import UpdateOne

from graph.store.database import Database
from graph.store.flushing import flushing


class KeyUseStore:
    """`last_used_at` in the collection `api_keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.collection("api_keys")
        self._used: dict[str, datetime] = {}

    def record(self, key_id: str, at: datetime) -> None:
        """Marks a use, for the next flush."""
        self._used[key_id] = at

    async def flush(self) -> None:
        """Writes what was marked; another process may have written a later time. Raises StoreUnavailableError."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            with self._database.bounded():
                await self._keys.bulk_write(
                    [UpdateOne({"_id": key}, {"$max": {"last_used_at": at}}) for key, at in used.items()],
                    ordered=False,
                )
        except BaseException:
            self._used = used | self._used
            raise

    def flushing(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Flushes every so many seconds, and once more at the end."""
        return flushing(self.flush, seconds, "uses of keys")

"""The prompts as they stand now, read for the index: by id, or page by page."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.timestamp import Timestamp
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from search_sync.projection import PROJECTION
from search_sync.strange_ids import read_id, write_id

Document = dict[str, Any]

_AT_ONCE = 100
# One document that somebody wrote by hand must not make the page unreadable that it is on: what Python has no date for
# stays a number of milliseconds, bytes that are no UTF-8 become halves of surrogate pairs, and both are refused later.
_LENIENT: CodecOptions[Document] = CodecOptions(
    tz_aware=True,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="surrogateescape",
)


class PromptSource:
    """Reads what a majority has, and never from before a change that the stream has told."""

    def __init__(self, database: AsyncDatabase[Document], seconds: float) -> None:
        self._client = database.client
        self._seconds = seconds
        self._prompts = database.get_collection("prompts", codec_options=_LENIENT, read_concern=ReadConcern("majority"))

    async def read(self, ids: Collection[str], since: Timestamp | None = None) -> AsyncIterator[Document]:
        """Those of the prompts that are there, of a moment not before `since`.

        The time limit is for each piece that is fetched. Nothing is handed out under it: it would run on while the
        caller works, and stay with the caller's task when this is not read to its end.
        """
        rest = iter(ids)
        while some := list(islice(rest, _AT_ONCE)):
            for document in await self._find(some, since):
                yield document

    async def page(self, after: Any, size: int, since: Timestamp | None = None) -> list[Document]:
        """Up to `size` prompts in the order of their ids, from behind `after`; None begins."""
        # As an expression it goes on from one type of id to the next; as a plain filter it would stop there.
        where = {} if after is None else {"$expr": {"$gt": ["$_id", {"$literal": write_id(after)}]}}
        async with self._session(since) as session:
            with pymongo.timeout(self._seconds):
                found = self._prompts.find(where, PROJECTION, session=session).sort("_id").limit(size)
                return _with_readable_ids(await found.to_list())

    async def count(self) -> int:
        """How many prompts there are, about."""
        with pymongo.timeout(self._seconds):
            return await self._prompts.estimated_document_count()

    async def now(self) -> Timestamp | None:
        """The database's own time: every change that is known by now has a time not after it."""
        with pymongo.timeout(self._seconds):
            answer = await self._client.admin.command("hello")
        time = answer.get("operationTime")
        return time if isinstance(time, Timestamp) else None

    async def _find(self, ids: list[str], since: Timestamp | None) -> list[Document]:
        async with self._session(since) as session:
            with pymongo.timeout(self._seconds):
                found = self._prompts.find(
                    {"_id": {"$in": [write_id(one) for one in ids]}}, PROJECTION, session=session
                )
                return _with_readable_ids(await found.to_list())

    @asynccontextmanager
    async def _session(self, since: Timestamp | None) -> AsyncIterator[AsyncClientSession]:
        # After a failover the new primary may lag in what it gives to majority readers; the session's time holds it.
        async with self._client.start_session(causal_consistency=True) as session:
            if since is not None:
                session.advance_operation_time(since)
            yield session


def _with_readable_ids(documents: list[Document]) -> list[Document]:
    for document in documents:
        document["_id"] = read_id(document["_id"])
    return documents

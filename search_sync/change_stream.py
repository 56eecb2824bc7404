"""What changes in the collection `prompts`: which prompt and when, never what.

Only ids and times leave the server, so that no event is ever too big. What can be overcome is overcome here, by
opening the stream again where it stopped; what cannot, because the history is gone, is raised.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from bson.codec_options import CodecOptions
from bson.timestamp import Timestamp
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from search_sync.backoff import Backoff
from search_sync.settings import SyncSettings
from search_sync.strange_ids import read_id
from search_sync.tasks import heed_cancellation

log = structlog.get_logger(__name__)

Document = dict[str, Any]
Token = dict[str, Any]

PIPELINE: list[Document] = [{"$project": {"operationType": 1, "documentKey": 1, "clusterTime": 1, "wallTime": 1}}]
CHANGES_OF_ONE = frozenset({"insert", "update", "replace", "delete"})
CHANGES_OF_ALL = frozenset({"drop", "rename", "dropDatabase", "invalidate"})
STARTS_AFRESH = frozenset({"delete", "replace"})

HISTORY_LOST = frozenset(
    {
        136,  # CappedPositionLost: the oplog was cut off under the cursor
        260,  # InvalidResumeToken
        280,  # ChangeStreamFatalError: among others, the token is not found
        286,  # ChangeStreamHistoryLost: the oplog begins after the token
        10334,  # BSONObjectTooLarge: asking again would fail for ever
        40576,  # the resume point is not in the oplog, as older servers say it
        40585,  # the token was not found, likewise
        50811,  # the token is not one
    }
)
_PATIENCE_SECONDS = 60.0  # beyond the time that the server was asked to wait; a long oplog is read through at first


class HistoryLostError(Exception):
    """What happened since the token cannot be told any more: the index has to be built anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """A prompt has changed. `starts_afresh`: it was removed or replaced, so its `rev` may begin again."""

    id: str
    cluster_time: Timestamp
    wall_time: datetime
    starts_afresh: bool


class ChangeStream:
    """The changes from `token` on; without one, from now on.

    `token` is where to go on from: it also moves when nothing changes here while others are busy.
    """

    def __init__(self, database: AsyncDatabase[Document], settings: SyncSettings, token: Token | None) -> None:
        self._prompts = database.get_collection(
            "prompts", codec_options=CodecOptions(tz_aware=True), read_concern=ReadConcern("majority")
        )
        self._settings = settings
        self._stream: AsyncChangeStream[Document] | None = None
        self._backoff = Backoff(settings.backoff_seconds, settings.backoff_most_seconds)
        self.token = token
        self.reopened = 0

    @property
    def position(self) -> Token:
        """The token, of a stream that has been opened."""
        assert self.token is not None, "it has been opened"
        return self.token

    async def open(self) -> None:
        """Opens the stream, so that `position` is known. Waits while there is no MongoDB. Raises HistoryLostError."""
        while self._stream is None:
            heed_cancellation()
            try:
                await self._open()
            except (PyMongoError, TimeoutError) as error:
                await self._overcome(error)

    async def next(self) -> Change | None:
        """The next change, or None when there was none for a while. Raises HistoryLostError."""
        while True:
            heed_cancellation()
            await self.open()
            try:
                event = await self._read()
            except (PyMongoError, TimeoutError) as error:
                await self._overcome(error)
                continue
            self._backoff.reset()
            return self._understand(event) if event else None

    async def close(self) -> None:
        """Lets go of the cursor; a database that is gone does not matter."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(PyMongoError, TimeoutError):
                async with asyncio.timeout(1):
                    await stream.close()

    async def _open(self) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            # startAfter also goes on behind an `invalidate`, where resumeAfter is refused.
            self._stream = await self._prompts.watch(
                PIPELINE, start_after=self.token, max_await_time_ms=self._settings.await_ms
            )
        self._keep_token()
        if self.token is None:
            # What happened at this very moment has come with it, and its place is not told: once more.
            await self.close()

    async def _read(self) -> Document | None:
        assert self._stream is not None, "it has just been opened"
        async with asyncio.timeout(_PATIENCE_SECONDS + self._settings.await_ms / 1000):
            event = await self._stream.try_next()
        self._keep_token()
        return event

    def _keep_token(self) -> None:
        if self._stream is not None and self._stream.resume_token is not None:
            self.token = dict(self._stream.resume_token)

    async def _overcome(self, error: PyMongoError | TimeoutError) -> None:
        """Waits, to open the stream again. Raises HistoryLostError where that would not help."""
        await self.close()
        code = error.code if isinstance(error, OperationFailure) else None
        if code in HISTORY_LOST:
            raise HistoryLostError(
                f"MongoDB does not know what happened since the checkpoint (code {code})."
            ) from error
        self.reopened += 1
        log.warning("the change stream is opened again", reason=type(error).__name__, code=code)
        await self._backoff.wait()

    def _understand(self, event: Document) -> Change | None:
        operation = event["operationType"]
        if operation in CHANGES_OF_ALL:
            raise HistoryLostError(f"The collection was changed as a whole ({operation}).")
        if operation not in CHANGES_OF_ONE:
            return None
        time: Timestamp = event["clusterTime"]
        wall = event.get("wallTime") or datetime.fromtimestamp(time.time, UTC)
        return Change(read_id(event["documentKey"]["_id"]), time, wall, operation in STARTS_AFRESH)

"""One database of one MongoDB: every call bounded in time, every failure told in the domain's words."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pymongo
import structlog
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.common import MIN_HEARTBEAT_INTERVAL
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError
from pymongo.write_concern import WriteConcern

from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError
from graph.store.failures import UNANSWERED, is_passing, is_refusing_us

T = TypeVar("T")
Document = dict[str, Any]
Collection = AsyncCollection[Document]
Session = AsyncClientSession
Address = tuple[str, int | None]

DURABLE = WriteConcern("majority", j=True)  # said with each transaction: it does not take the database's own
SHORT_SECONDS = 0.25
SILENT_SECONDS = 0.5
SUSPECT_SECONDS = 3.0
SHORTEST_SECONDS = 0.05
UNREACHABLE_SECONDS = 0.5

log = structlog.get_logger(__name__)


class Database:
    """The collections, and how they are used.

    `timeout` is in seconds and holds for one operation, a transaction with its retries being one. After a timeout,
    when nobody else was answered in the last half second either, the database is suspect: it is given a quarter of a
    second, until it has answered, or three seconds are over, as it may only be slow. Where no server can be reached
    at all, nobody asks for half a second. So a request that asks several times fails within two seconds, and what
    one slow question takes is not taken from the others.
    """

    def __init__(self, client: AsyncMongoClient[Document], name: str, timeout: float) -> None:
        self.client = client
        self.timeout = timeout
        self._answered_at = 0.0
        self._suspect_until = 0.0
        self._unreachable_until = 0.0
        self._database = client.get_database(
            name,
            codec_options=CodecOptions(tz_aware=True),
            write_concern=DURABLE,
        )

    def collection(self, name: str) -> Collection:
        """A collection whose writes are acknowledged by the majority's journals."""
        return self._database.get_collection(name)

    @property
    def primary(self) -> tuple[Address, object] | None:
        """The primary's address, and its election: another one after each.

        None while no primary is known, and behind mongos, which tells of none.
        """
        for server in self.client.topology_description.server_descriptions().values():
            if server.server_type_name == "RSPrimary":
                return server.address, server.election_id
        return None

    async def watch(self, collections: Sequence[str], wait: float) -> AsyncCommandCursor[Document]:
        """A change stream of what becomes of the collections, and of which documents; `wait` is in seconds.

        It ends with its connection, its cursor or its server: the driver's own would go on elsewhere and not say so.
        Raises TimeoutError, and what the driver raises.
        """
        names = {"$in": list(collections)}
        pipeline: list[Document] = [
            {"$changeStream": {}},
            {"$match": {"$or": [{"ns.coll": names}, {"to.coll": names}]}},
            {"$project": {"operationType": 1, "ns": 1, "documentKey": 1}},
        ]
        async with asyncio.timeout(self.timeout):
            return await self._database.aggregate(pipeline, maxAwaitTimeMS=max(1, round(wait * 1000)))

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Bounds what is awaited inside. Raises StoreUnavailableError when the database does not answer."""
        now = time.monotonic()
        if now < self._unreachable_until:
            raise StoreUnavailableError
        is_suspect = now < self._suspect_until
        try:
            with pymongo.timeout(self._seconds_left(SHORT_SECONDS if is_suspect else self.timeout)):
                yield
        except UNANSWERED as error:
            self._note_failure(error, is_suspect)
            raise StoreUnavailableError from error
        except OperationFailure as error:
            if is_refusing_us(error):
                log.error("the database refuses the user in PROMPTGRAPH_MONGODB_URL", code=error.code)
            elif is_passing(error):
                log.warning("the database answers that it cannot do it now", code=error.code)
            else:
                raise
            raise StoreUnavailableError from error
        else:
            self._answered_at, self._suspect_until = time.monotonic(), 0.0

    def _note_failure(self, error: PyMongoError, was_suspect: bool) -> None:
        """A suspicion is not prolonged by what had little time, else a slow database would never be out of it."""
        now = time.monotonic()
        if isinstance(error, ServerSelectionTimeoutError):
            self._unreachable_until = now + UNREACHABLE_SECONDS
        elif was_suspect or (error.timeout and now - self._answered_at < SILENT_SECONDS):
            return
        self._suspect_until = now + SUSPECT_SECONDS

    def _seconds_left(self, seconds: float) -> float:
        """For the next operation. While there is no server, pymongo looks only every half second if that is over."""
        if self.client.topology_description.has_writable_server():
            return seconds
        return max(seconds - MIN_HEARTBEAT_INTERVAL, SHORTEST_SECONDS)

    async def transact(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Runs `work` in a transaction, again when the database says so, and commits it.

        Raises StoreUnavailableError when nothing was written, OutcomeUnknownError when the answer to the commit was
        lost; whatever `work` raises undoes the transaction and is raised on.
        """
        is_committing = False

        async def attempt(session: Session) -> T:
            nonlocal is_committing
            is_committing = False
            result = await work(session)
            is_committing = True
            return result

        try:
            with self.bounded():
                async with self.client.start_session() as session:
                    return await session.with_transaction(attempt, write_concern=DURABLE)
        except (StoreUnavailableError, PyMongoError) as error:
            if not is_committing:
                raise
            # Whatever it was: all that was asked had been done, and a commit that failed may be written.
            log.warning("a commit was cut off", reason=type(error.__cause__ or error).__name__)
            raise OutcomeUnknownError from error

    async def ping(self) -> None:
        """Returns when a primary answers. Raises StoreUnavailableError."""
        with self.bounded():
            await self.client.admin.command("hello")
            await self._database.command("ping")


async def close_quietly(client: AsyncMongoClient[Document]) -> None:
    """Closes the client; a database that is gone already does not matter."""
    try:
        await asyncio.wait_for(client.close(), 2)
    except (PyMongoError, TimeoutError):
        return

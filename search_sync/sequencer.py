"""Gives each event its number in the feed, and its place in the hash chain, within milliseconds.

    events ──insert──▶ a nudge ──▶ what has no number yet ──one transaction──▶ seq and hash on each, and how far it is

One process at a time does so, by lease; the others stand by. The change stream is only the nudge: what is to be
numbered is read from the collection itself. So lost history, a restart, events of an older release and a worker that
was dead for a day are all the same road.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import structlog
from pymongo.asynchronous.mongo_client import AsyncMongoClient
from pymongo.errors import PyMongoError

from search_sync.backoff import Backoff
from search_sync.holding import TURNS, Holding, name_holder
from search_sync.lease import Lease, LeaseLostError
from search_sync.ledger import FEED, Ledger
from search_sync.pace import Pace
from search_sync.settings import SyncSettings
from search_sync.status import State, Status
from search_sync.tasks import heed_cancellation, run_together

log = structlog.get_logger(__name__)

Document = dict[str, Any]
EXPIRE_SECONDS = 10.0
AT_HAND_SECONDS = 0.0005  # what a stream gives sooner came with what was fetched before
NUDGES: list[Document] = [{"$match": {"operationType": "insert"}}, {"$project": {"_id": 1}}]


class Sequencer:
    """One of those that number the events of a database: all that are started share the lease `feed`."""

    def __init__(self, client: AsyncMongoClient[Document], database: str, settings: SyncSettings) -> None:
        self._client = client
        self._events = client[database]["events"]
        self._settings = settings
        self._status = Status(holder=name_holder())
        self._lease = Lease(client[database], FEED, str(self._status.holder), settings.lease_seconds)
        self._ledger = Ledger(
            client, database, str(self._status.holder), settings.sequence_items, settings.store_seconds
        )
        self._backoff = Backoff(settings.backoff_seconds, settings.backoff_most_seconds)
        self._nudge = asyncio.Event()
        self._heeded = asyncio.Event()
        self._pace = Pace(settings.sequence_ms / 1000)
        self._beaten_at = 0.0
        self._expire_at = 0.0

    @property
    def is_leading(self) -> bool:
        """Whether it is this one that numbers."""
        return self._lease.is_good

    async def run(self) -> NoReturn:
        """Numbers, or stands by, until it is cancelled; whatever fails is tried again."""
        await Holding(self, self._lease, self._status, self._settings.lease_seconds, self._backoff).run()

    async def stand_by(self, turn: int) -> None:
        """Ends what a holder that has died may have left behind."""
        if turn == 1:
            await self._ledger.prepare()
        await self._ledger.clear_the_way()

    async def lead(self) -> None:
        """Numbers whatever comes."""
        async with self._client.start_session() as session:
            await self._ledger.open(session, self._lease.fence)
            self._status.state = State.FOLLOWING
            await run_together(self._listen(), self._number(), gravest=(LeaseLostError,))

    async def _listen(self) -> NoReturn:
        """Nudges whenever an event is written. A stream that breaks is opened again; meanwhile the clock nudges.

        Until a nudge is heeded nothing more is fetched: another would say the same.
        """
        backoff = Backoff(self._settings.backoff_seconds, self._settings.backoff_most_seconds)
        while True:
            heed_cancellation()
            try:
                async with await self._events.watch(NUDGES, max_await_time_ms=self._settings.await_ms) as stream:
                    while stream.alive:
                        heed_cancellation()
                        asked = time.monotonic()
                        async with asyncio.timeout(self._settings.store_seconds):
                            change = await stream.try_next()
                        backoff.reset()
                        if change is not None:
                            self._heeded.clear()
                            self._nudge.set()
                            if time.monotonic() - asked > AT_HAND_SECONDS:
                                await self._heeded.wait()
            except (PyMongoError, TimeoutError) as error:
                log.warning("events are looked for by the clock for a moment", reason=type(error).__name__)
            await backoff.wait()

    async def _number(self) -> NoReturn:
        while True:
            heed_cancellation()
            self._nudge.clear()
            self._heeded.set()
            self._lease.check()
            count = max(await self._ledger.stamp(), await self._expire())
            self._pace.note_end()
            await self._beat()
            self._backoff.reset()
            if count < self._settings.sequence_items:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._rhythm):
                        await self._nudge.wait()
                await self._pace.gather()

    async def _expire(self) -> int:
        """Looks now and then for what is older than it may become."""
        days = self._settings.retention_days
        if not days or time.monotonic() < self._expire_at:
            return 0
        count = await self._ledger.expire(datetime.now(UTC) - timedelta(days=days))
        if count < self._settings.sequence_items:
            self._expire_at = time.monotonic() + EXPIRE_SECONDS
        return count

    async def _beat(self) -> None:
        if time.monotonic() - self._beaten_at >= self._rhythm:
            self._beaten_at = time.monotonic()
            await self._lease.beat(self._status, None)

    @property
    def _rhythm(self) -> float:
        return self._settings.lease_seconds / TURNS

    async def let_go(self) -> None:
        """Ends the session of its transactions."""
        await self._ledger.close()

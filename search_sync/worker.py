"""Keeps an index in step with the store.

     prompts ──change stream──▶ Pending ──a round of ids──▶ re-read, project ──batches──▶ SearchIndex ──▶ Checkpoint
    (MongoDB)       │ history lost                                    │ one document refused
                    ▼                                                 ▼
                 Backfill: beside the old index, then in its place    DeadLetters

All of that runs while this worker holds the lease; otherwise it stands by. The stream is read ahead of the index by a
bounded number of ids. The checkpoint moves only when the index says that a round is written, so whatever is killed,
and whenever, what was not finished is done again, and doing it again changes nothing.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

import structlog
from pymongo import AsyncMongoClient

from search_sync.backoff import Backoff
from search_sync.batch_writer import BatchWriter
from search_sync.change_stream import ChangeStream, HistoryLostError
from search_sync.checkpoint import Checkpoint, checkpoint_from_mark, choose_checkpoint
from search_sync.dead_letters import DeadLetters
from search_sync.follower import GRAVEST, Follower, Parts
from search_sync.holding import TURNS, Holding, name_holder
from search_sync.index.protocol import IndexRemovedError, IndexUnavailableError, SearchIndex
from search_sync.lease import Lease
from search_sync.order_desk import OrderDesk
from search_sync.orders import OrderKind, Orders
from search_sync.progress import Progress
from search_sync.projection import make_fingerprint
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import Fate, Status
from search_sync.tasks import heed_cancellation, run_together

log = structlog.get_logger(__name__)

_DOUBTFUL_TURNS = 3 * TURNS
_COPIED = (
    "another process keeps an index of the same name in step, and this one stays as it is: the data directory seems to "
    "be a copy of that process's. Remove the file index.name from it and start again"
)


class Worker:
    """One worker of one index. `name` is the index's in `sync_state`: workers of the same name share the lease."""

    def __init__(
        self,
        client: AsyncMongoClient[dict[str, Any]],
        database: str,
        index: SearchIndex,
        settings: SyncSettings,
        name: str = "index",
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._database = client[database]
        self._name = name
        self._index = index
        self._settings = settings
        self._clock = clock or _now
        self._fingerprint = make_fingerprint(index.layout, settings.text_characters)
        self._status = Status(holder=name_holder())
        self._lease = Lease(self._database, name, str(self._status.holder), settings.lease_seconds)
        self._letters = DeadLetters(self._database, name, settings.store_seconds)
        self._source = PromptSource(self._database, settings.store_seconds)
        self._orders = Orders(self._database, name)
        self._disowned: set[str] = set()
        self._backoff = Backoff(settings.backoff_seconds, settings.backoff_most_seconds)
        self._follower: Follower | None = None
        self.progress = Progress()

    @property
    def status(self) -> Status:
        """How things are at this moment, in this process."""
        return self._follower.refresh() if self._follower else self._status

    @property
    def is_leading(self) -> bool:
        """Whether it holds the lease, so that its status is the index's."""
        return self._lease.is_good

    async def run(self) -> NoReturn:
        """Works until it is cancelled; whatever fails is tried again. A clean stop gives the lease back at once."""
        expected = (IndexUnavailableError, IndexRemovedError)
        await Holding(self, self._lease, self._status, self._settings.lease_seconds, self._backoff, expected).run()

    async def stand_by(self, turn: int) -> None:
        """Says when the lease is held by somebody who should not be there."""
        if turn == _DOUBTFUL_TURNS and not self._index.is_shared:
            log.error(_COPIED, index=self._name)

    async def lead(self) -> None:
        """Follows the prompts, from the start again whenever their history is lost."""
        await self._own_up()
        await self._letters.load()
        is_lost = False
        while True:
            heed_cancellation()
            try:
                await self._follow(is_lost)
            except HistoryLostError as error:
                is_lost = True
                self._status.count(Fate.HISTORIES_LOST)
                log.warning("the history is lost", reason=str(error))

    async def _follow(self, is_lost: bool) -> None:
        fingerprint = await self._index.fingerprint()
        checkpoint = None
        if not is_lost and fingerprint == self._fingerprint:
            checkpoint = await self._find_checkpoint()
        self._status.indexed_at = checkpoint.indexed_at if checkpoint else self._status.indexed_at
        stream = ChangeStream(self._database, self._settings, checkpoint.token if checkpoint else None)
        self._follower = Follower(self._parts(), stream, checkpoint, serves=fingerprint is not None)
        desk = OrderDesk(self._orders, self._follower, self._index, self._source, self._letters, self._settings)
        try:
            await run_together(self._follower.run(), desk.run(), gravest=GRAVEST)
        finally:
            self._status, self._follower = self._follower.refresh(), None
            self._status.counts_all = False

    async def _find_checkpoint(self) -> Checkpoint | None:
        told, held = (await self._lease.read()).checkpoint, checkpoint_from_mark(await self._index.mark())
        chosen = choose_checkpoint(told, held, self._fingerprint)
        if told and chosen is None:
            log.warning("the index is not the one that the checkpoint speaks of: it is built anew")
        elif told and held and held.number < told.number:
            log.warning("the index is an older copy: it goes on from its own mark", indexed_at=str(held.indexed_at))
        return chosen

    def _parts(self) -> Parts:
        writer = BatchWriter(
            self._source, self._lease, self._letters, self._status, self._settings, self._clock, self._disowned.update
        )
        return Parts(
            self._index,
            self._source,
            writer,
            self._lease,
            self._status,
            self.progress,
            self._settings,
            self._clock,
            self._fingerprint,
            secrets.token_hex(8),
        )

    async def _own_up(self) -> None:
        """What was written when the lease had run out is looked at again, by whoever holds it."""
        if self._disowned:
            await self._orders.place(OrderKind.RESYNC, tuple(self._disowned))
            self._disowned.clear()

    async def let_go(self) -> None:
        """Leaves word of what the next holder has to look at."""
        await self._own_up()


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it

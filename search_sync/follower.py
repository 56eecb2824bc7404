"""The work of the lease's holder, as tasks beside one another: read the stream, write the index, beat.

Reading fills `Pending`; writing empties it in rounds. A round that is done moves the checkpoint, which goes out with
the next beat, but not before the index was given it as its mark. A backfill's pages are written by the same task,
between the rounds.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from pymongo.errors import PyMongoError

from search_sync.backfill import Backfill, start_backfill
from search_sync.batch_writer import BatchWriter
from search_sync.change_stream import ChangeStream, HistoryLostError
from search_sync.checkpoint import Checkpoint
from search_sync.index.protocol import IndexRemovedError, IndexWriter, SearchIndex, Tenure
from search_sync.lease import Lease, LeaseLostError
from search_sync.pace import BUSIEST, Pace
from search_sync.pending import Pending, Round
from search_sync.progress import Progress
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import Fate, State, Status
from search_sync.stream_watch import StreamWatch
from search_sync.tasks import heed_cancellation, run_together

log = structlog.get_logger(__name__)

GRAVEST = (LeaseLostError, HistoryLostError)
"""What says what to do next, whatever else has failed at the same moment."""

AT_HAND_SECONDS = 0.0005  # what the stream gives sooner came with what was fetched before


@dataclass(frozen=True, slots=True)
class Parts:
    """What a follower works with; `clock` tells the time in UTC."""

    index: SearchIndex
    source: PromptSource
    writer: BatchWriter
    lease: Lease
    status: Status
    progress: Progress
    settings: SyncSettings
    clock: Callable[[], datetime]
    fingerprint: str
    lineage: str


class Follower:
    """Follows the stream from `checkpoint`, or from now on, building the index anew, where there is none.

    `serves`: the index was built once, so that people search in it and it is kept in step during the build as well.
    """

    def __init__(self, parts: Parts, stream: ChangeStream, checkpoint: Checkpoint | None, serves: bool) -> None:
        self._parts = parts
        self._stream = stream
        self._checkpoint = checkpoint
        self._lineage = checkpoint.lineage if checkpoint else parts.lineage
        self._number = checkpoint.number if checkpoint else 0
        self._told_number = 0
        self._is_marked = True
        self._marked_at = 0.0
        self._mark: str | None = None
        self._serves = serves
        self._pending = Pending(parts.settings.pending_ids)
        self._gathering = parts.settings.batch_ms / 1000
        self._pace = Pace(self._gathering)
        self._watch = StreamWatch(parts.settings.await_ms / 1000, parts.clock)
        self._opened = asyncio.Event()
        self._busy: Round | None = None
        self._applied: Round | None = None
        self._backfill: Backfill | None = None
        self._is_build_wanted = checkpoint is None
        self._built = asyncio.Event()
        self._build_began = parts.clock()

    async def run(self) -> None:
        """Raises what ends it, among others HistoryLostError and LeaseLostError."""
        try:
            await run_together(self._beat(), self._read(), self._write(), gravest=GRAVEST)
        finally:
            await self._stream.close()
            await self._abandon_build()

    async def rebuild(self) -> None:
        """Builds the index anew beside the one that serves; returns when it is in its place.

        Cancelled, the build is given up, unless there is nothing else to serve or to go on from.
        """
        self._built.clear()
        self._is_build_wanted = True
        try:
            await self._built.wait()
        finally:
            if not self._built.is_set():
                self._is_build_wanted = self._checkpoint is None

    async def bring(self, ids: Sequence[str]) -> None:
        """Writes these prompts once more, whatever the index holds of them; returns when it is done."""
        self._pending.add_ids(ids)
        await self.settle()

    async def settle(self) -> None:
        """Returns when everything that was in the store when this was called is in the index."""
        asked, now = time.monotonic(), await self._parts.source.now()
        await self._parts.progress.wait_until_complete(asked, now)

    def refresh(self) -> Status:
        """The status, with what can be counted now."""
        status = self._parts.status
        waiting, oldest = len(self._pending), self._pending.oldest
        if self._busy is not None:
            waiting, oldest = waiting + len(self._busy.ids), self._busy.oldest or oldest
        status.pending = waiting + max(0, status.to_build - status.built)
        status.lag_ms = max(0, round((self._parts.clock() - oldest).total_seconds() * 1000)) if oldest else 0
        status.counts_all = self._watch.is_caught_up(self._stream.reopened)
        if not status.counts_all and status.state is State.FOLLOWING:
            status.state, status.reason = State.WAITING, "the change stream to be caught up with"
        return status

    async def _beat(self) -> None:
        """Keeps the lease, and tells others what has changed; where nothing has, only as often as the lease needs."""
        settings, lease = self._parts.settings, self._parts.lease
        told, due = None, 0.0
        while True:
            heed_cancellation()
            checkpoint, facts = self._checkpoint, self.refresh().to_document()
            number = checkpoint.number if checkpoint else 0
            news = (facts, number, checkpoint and checkpoint.cluster_time)
            if news != told or time.monotonic() >= due:
                try:
                    await lease.beat(self._parts.status, checkpoint)
                except PyMongoError as error:
                    log.warning("the lease could not be renewed", reason=type(error).__name__)
                    lease.check()
                else:
                    told, due, self._told_number = news, time.monotonic() + settings.lease_seconds / 3, number
            await asyncio.sleep(settings.beat_seconds)

    async def _read(self) -> None:
        status, reopened = self._parts.status, 0
        await self._stream.open()
        self._pending.begin(self._stream.position)
        if self._checkpoint is None:
            self._watch.note_idle(self._stream.reopened)  # it was opened from now on: nothing lies behind
        self._opened.set()
        while True:
            heed_cancellation()
            if self._pending.is_full:
                self._watch.note_stall()
            await self._pending.wait_for_room()
            asked = time.monotonic()
            change = await self._stream.next()
            if change is not None:
                status.count(Fate.CHANGES)
                self._pending.add(change, self._stream.position)
                self._watch.note_change(change.wall_time, self._stream.reopened)
                if time.monotonic() - asked > AT_HAND_SECONDS:  # what comes meanwhile is fetched together
                    await self._pending.wait_until_taken(BUSIEST * self._gathering)
            elif reopened == self._stream.reopened:
                self._pending.note_idle(self._stream.position, asked)
                self._watch.note_idle(reopened)
            status.count(Fate.STREAMS_REOPENED, self._stream.reopened - reopened)
            reopened = self._stream.reopened

    async def _write(self) -> None:
        await self._opened.wait()
        while True:
            heed_cancellation()
            if self._is_build_wanted != (self._backfill is not None):
                await (self._start_build() if self._is_build_wanted else self._abandon_build())
            if self._backfill:
                taken = await self._pending.take(0)
            else:
                taken = await self._pending.take(self._parts.settings.beat_seconds, self._pace)
            await self._apply(taken)
            if taken.ids:
                self._pace.note_end()
            if self._backfill is not None and not await self._backfill.step(taken.cluster_time):
                await self._finish_build(self._backfill)

    async def _apply(self, taken: Round) -> None:
        self._busy = taken
        if taken.ids:
            await self._parts.writer.bring(taken.ids, taken.cluster_time, self._targets())
            if self._backfill is not None:
                self._backfill.forget(taken.ids)
            self._is_marked = False
        self._busy = None
        self._advance(taken)
        if self._checkpoint is not None:
            await self._keep_checkpoint(taken)

    async def _keep_checkpoint(self, taken: Round) -> None:
        """Moves it: at once when nothing was written since the last mark, else when the index has a new one."""
        if not self._is_marked:
            is_soon = time.monotonic() - self._marked_at < self._parts.settings.beat_seconds
            if is_soon or self._number > self._told_number:  # an index two marks ahead would count as another one
                return
            self._number += 1
            await self._parts.writer.insist(partial(self._keep_mark, self._make_checkpoint(taken).to_mark()))
            self._is_marked, self._marked_at = True, time.monotonic()
        self._checkpoint = self._make_checkpoint(taken)

    async def _keep_mark(self, mark: str) -> None:
        """Raises IndexRemovedError when the index has another mark than we left: somebody put another in its place."""
        index = self._parts.index
        if self._mark is not None and await index.mark() not in (self._mark, mark):
            raise IndexRemovedError
        self._parts.lease.check()
        await index.keep_mark(mark)
        self._mark = mark

    def _advance(self, taken: Round) -> None:
        """The round is in the index, which may have holes that a build will fill."""
        status, self._applied = self._parts.status, taken
        status.indexed_at = _later(status.indexed_at, taken.newest)
        if self._backfill is None:
            status.state, status.reason = State.FOLLOWING, None
        if self._serves:
            self._parts.progress.advance(taken.complete_at, taken.cluster_time)

    def _make_checkpoint(self, taken: Round) -> Checkpoint:
        status = self._parts.status
        facts = taken.token, self._parts.fingerprint, taken.cluster_time, status.indexed_at
        return Checkpoint(*facts, self._lineage, self._number)

    def _targets(self) -> list[IndexWriter]:
        live: list[IndexWriter] = [self._parts.index] if self._serves else []
        return [*live, self._backfill.target] if self._backfill else live

    async def _start_build(self) -> None:
        parts = self._parts
        parts.lease.check()
        log.info("the index is built anew")
        self._build_began = parts.clock()
        tenure = Tenure(parts.lease.fence, parts.lease.check)
        self._backfill = await start_backfill(
            parts.index, tenure, parts.source, parts.writer, parts.status, parts.settings
        )

    async def _abandon_build(self) -> None:
        backfill, self._backfill = self._backfill, None
        if backfill is not None:
            await backfill.abandon(self._parts.lease.is_good)

    async def _finish_build(self, backfill: Backfill) -> None:
        while self._number > self._told_number:  # as above
            heed_cancellation()
            await asyncio.sleep(self._parts.settings.beat_seconds)
        self._parts.lease.check()
        assert self._applied is not None, "a round comes before every page"
        self._parts.status.indexed_at = _later(self._parts.status.indexed_at, self._build_began)
        self._number += 1
        checkpoint = self._make_checkpoint(self._applied)
        self._mark = checkpoint.to_mark()
        await backfill.finish(self._parts.fingerprint, self._mark)
        log.info("the new index is in its place")
        self._backfill, self._is_build_wanted, self._serves = None, False, True
        self._checkpoint, self._is_marked = checkpoint, True
        self._advance(self._applied)
        self._built.set()


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((time for time in (one, other) if time is not None), default=None)

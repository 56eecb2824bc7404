"""From ids to the index: reads the prompts as they are now, projects them and writes them, in bounded batches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import structlog
from bson.timestamp import Timestamp
from pymongo.errors import PyMongoError

from search_sync.backoff import Backoff
from search_sync.dead_letters import DeadLetters
from search_sync.index.document import SearchDocument
from search_sync.index.protocol import Batch, IndexUnavailableError, IndexWriter
from search_sync.lease import Lease
from search_sync.projection import ProjectionError, project
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import Fate, State, Status, name_cause
from search_sync.strange_ids import StrangeId
from search_sync.tasks import heed_cancellation

T = TypeVar("T")

_LAST_WRITE_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Portion:
    """What is written at once: projected documents, ids that are gone, and documents that could not be projected."""

    documents: list[SearchDocument] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    afresh: frozenset[str] = frozenset()
    size: int = 0

    def add(self, document: dict[str, Any], text_characters: int) -> None:
        """Takes a prompt in, as it was read."""
        self.revisions[document["_id"]] = document.get("rev", 0)
        try:
            projected = project(document, text_characters)
        except ProjectionError as error:
            self.refused[document["_id"]] = str(error)
            return
        self.documents.append(projected)
        self.size += len(projected.text) + len(projected.description)


class BatchWriter:
    """Writes to the index, and gives up only when the lease is lost: an index that is down is waited for."""

    def __init__(
        self,
        source: PromptSource,
        lease: Lease,
        letters: DeadLetters,
        status: Status,
        settings: SyncSettings,
        clock: Callable[[], datetime],
        disown: Callable[[Sequence[str]], None],
    ) -> None:
        self._source = source
        self._lease = lease
        self._letters = letters
        self._status = status
        self._settings = settings
        self._clock = clock
        self._disown = disown
        self._backoff = Backoff(settings.backoff_seconds, settings.backoff_most_seconds)

    async def bring(self, ids: Mapping[str, bool], since: Timestamp | None, targets: Sequence[IndexWriter]) -> None:
        """Makes the targets hold what the store holds of these prompts, whatever that is by now.

        Of those that start afresh a lower `rev` than before goes in, too.
        """
        for some in _in_parts(ids.items(), self._settings.batch_items):
            await self.insist(partial(self._bring, dict(some), since, targets))

    async def write(self, documents: Iterable[dict[str, Any]], targets: Sequence[IndexWriter]) -> None:
        """Writes prompts that were read just now."""
        portion = Portion()
        for document in documents:
            portion.add(document, self._settings.text_characters)
            if portion.size >= self._settings.batch_bytes:
                await self._write_insisting(portion, targets)
                portion = Portion()
        await self._write_insisting(portion, targets)

    async def _write_insisting(self, portion: Portion, targets: Sequence[IndexWriter]) -> None:
        await self.insist(partial(self._write, portion, targets))

    async def _bring(self, wanted: Mapping[str, bool], since: Timestamp | None, targets: Sequence[IndexWriter]) -> None:
        missing = dict(wanted)
        async for portion in self._read(wanted, since):
            for one in portion.revisions:
                del missing[one]
            portion.afresh = frozenset(one for one in portion.revisions if wanted[one])
            await self._write(portion, targets)
        await self._write(Portion(gone=list(missing)), targets)

    async def _read(self, ids: Mapping[str, bool], since: Timestamp | None) -> AsyncIterator[Portion]:
        portion = Portion()
        async for document in self._source.read(ids, since):
            portion.add(document, self._settings.text_characters)
            if portion.size >= self._settings.batch_bytes:
                yield portion
                portion = Portion()
        yield portion

    async def _write(self, portion: Portion, targets: Sequence[IndexWriter]) -> None:
        refused = dict(portion.refused)
        # What cannot be projected any more must not be found as what it was.
        gone = _without_strangers([*portion.gone, *portion.refused])
        batch = Batch(portion.documents, gone, portion.afresh)
        if batch.documents or batch.gone:
            for target in targets:
                refused |= await self._write_or_remove(target, batch)
        await self._letters.put(refused, portion.revisions, self._clock())
        settled = {*portion.gone, *(document.id for document in portion.documents)} - refused.keys()
        await self._letters.settle(settled)
        self._status.dead_letters = len(self._letters)
        self._status.count(Fate.INDEXED, len(portion.documents) - len(refused.keys() - portion.refused.keys()))
        self._status.count(Fate.REMOVED, len(portion.gone))
        self._status.count(Fate.REFUSED, len(refused))

    async def _write_or_remove(self, target: IndexWriter, batch: Batch) -> Mapping[str, str]:
        """What is refused is removed: else it would be found, counted and shown to others as what it was before."""
        refused = await self._write_to(target, batch)
        if left := _without_strangers(refused):
            await self._write_to(target, Batch(gone=left))
        return refused

    async def _write_to(self, target: IndexWriter, batch: Batch) -> Mapping[str, str]:
        self._lease.check()
        writing = asyncio.ensure_future(target.write(batch))
        try:
            await asyncio.wait([writing], timeout=self._settings.index_seconds)
            if not writing.done():
                raise IndexUnavailableError("The index did not finish a write in time.")
            refused = writing.result()
            self._status.count(Fate.WRITES)
            return refused
        except asyncio.CancelledError:
            # What runs in a thread cannot be stopped; the lease is not given back before it has ended.
            await asyncio.wait([writing], timeout=_LAST_WRITE_SECONDS)
            raise
        finally:
            writing.cancel()
            self._own_up(batch)

    def _own_up(self, batch: Batch) -> None:
        """A write that ended after the lease may have come late: whoever holds it now is told to look again."""
        if not self._lease.is_good:
            self._disown([*(document.id for document in batch.documents), *batch.gone])

    async def insist(self, deed: Callable[[], Awaitable[T]]) -> T:
        """Does it, again and again while the index or MongoDB does not answer. Raises LeaseLostError."""
        while True:
            heed_cancellation()
            try:
                result = await deed()
            except (IndexUnavailableError, PyMongoError, TimeoutError) as error:
                self._lease.check()
                self._status.count(Fate.WRITES_FAILED)
                self._status.state, self._status.reason = State.WAITING, name_cause(error)
                log.warning("a write is tried again", reason=self._status.reason)
                await self._backoff.wait()
            else:
                self._backoff.reset()
                return result


def _without_strangers(ids: Iterable[str]) -> list[str]:
    return [one for one in ids if not isinstance(one, StrangeId)]


def _in_parts(items: Iterable[tuple[str, bool]], size: int) -> Iterable[list[tuple[str, bool]]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part

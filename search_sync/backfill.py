"""A new index beside the one that serves: copied page by page, kept in step meanwhile, then put in its place.

The stream is opened before the first page is read, and what it tells during the copy is written to both indexes, by
the same task that writes the pages, one after the other. So nothing is missed and nothing comes in the wrong order;
a copy that takes longer than the oplog lasts is no harm. What dies on the way leaves the old index as it is.

The stream begins with what is applied, and pages are read as the majority has them, which may be a moment less: so they
are read of the time when the copy began, or later.
"""

import asyncio
from collections.abc import Collection
from functools import partial
from typing import Any

from bson.timestamp import Timestamp

from search_sync.batch_writer import BatchWriter
from search_sync.index.protocol import IndexWriter, Rebuild, SearchIndex, Tenure
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import Fate, State, Status

Document = dict[str, Any]


class Backfill:
    """One copy, of what was there at `began` or later."""

    def __init__(
        self,
        rebuild: Rebuild,
        source: PromptSource,
        writer: BatchWriter,
        status: Status,
        settings: SyncSettings,
        began: Timestamp | None,
    ) -> None:
        self._began = began
        self._rebuild = rebuild
        self._source = source
        self._writer = writer
        self._status = status
        self._settings = settings
        self._after: Any = None
        self._next: asyncio.Task[list[Document]] | None = None
        self._overtaken: set[str] = set()

    @property
    def target(self) -> IndexWriter:
        """The new index, to which changes go as well."""
        return self._rebuild

    def forget(self, ids: Collection[str]) -> None:
        """These have just been written as they are now: what was read of them before is older."""
        if self._next is not None:
            self._overtaken.update(ids)

    async def step(self, since: Timestamp | None) -> bool:
        """Copies one page; false when there was none left. The next one is read meanwhile."""
        self._status.state = State.BUILDING
        page = await self._writer.insist(partial(self._take, since))
        if not page:
            return False
        self._after = page[-1]["_id"]
        fresh = [document for document in page if document["_id"] not in self._overtaken]
        self._overtaken.clear()
        self._next = self._read(since)
        await self._writer.write(fresh, [self._rebuild])
        self._status.built += len(page)
        self._status.to_build = max(self._status.to_build, self._status.built)
        return True

    async def finish(self, fingerprint: str, mark: str) -> None:
        """Puts the new index in the other's place."""
        await self._rebuild.finish(fingerprint, mark)
        self._status.built = self._status.to_build = 0
        self._status.count(Fate.REBUILDS)

    async def abandon(self, may_write: bool) -> None:
        """Stops, and removes what there is of the new index, unless another worker may be at it by now."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait([self._next])
        self._status.built = self._status.to_build = 0
        if may_write:
            await self._rebuild.abandon()

    async def _take(self, since: Timestamp | None) -> list[Document]:
        reading, self._next = self._next or self._read(since), None
        return await reading

    def _read(self, since: Timestamp | None) -> asyncio.Task[list[Document]]:
        times = [time for time in (self._began, since) if time is not None]
        newest = max(times, default=None)
        return asyncio.create_task(self._source.page(self._after, self._settings.batch_items, newest))


async def start_backfill(
    index: SearchIndex,
    tenure: Tenure,
    source: PromptSource,
    writer: BatchWriter,
    status: Status,
    settings: SyncSettings,
) -> Backfill:
    """Begins, when the stream is open; what an earlier one left behind is gone."""
    status.state = State.BUILDING
    status.built, status.to_build = 0, await source.count()
    began = await source.now()
    return Backfill(await index.rebuild(tenure), source, writer, status, settings, began)

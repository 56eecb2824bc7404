"""The index on a Meilisearch server, by its official client, whose blocking calls run in threads.

Where Meilisearch has limits, they are met or told: ids and facet values are written in hexadecimal and the longest
values abbreviated (`meilisearch_documents.py`); hits past the first 1,000 cannot be paged to (`reachable`); of more
than 1,000 values of a facet the count of one that is rare but selected may be told as 0. Of texts of more than 65,000
words every word is kept once, up to 130,000, because an attribute has 65,535 at most. The server also finds words
written together or apart ("sunflower" for "sun flower"), and beginnings with two typos: there it finds more.

Two indexes make one of ours: `<prefix>` with the documents and `<prefix>_state` with the fingerprint and the mark. A
rebuild fills `<prefix>_next_<fence>` and `<prefix>_next_<fence>_state`, and a single swap, which is atomic, exchanges
both pairs (`meilisearch_rebuild.py`).

The guard of revisions reads before it writes, so it holds against one writer at a time: the worker's lease sees to it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from search_sync.index.meilisearch_client import MeilisearchClient
from search_sync.index.meilisearch_documents import name_layout
from search_sync.index.meilisearch_rebuild import FINGERPRINT, MARK, MeilisearchRebuild, NextIndexes, make_mark
from search_sync.index.meilisearch_search import MeilisearchReader
from search_sync.index.meilisearch_writes import MeilisearchWriter
from search_sync.index.protocol import (
    UNFENCED,
    Batch,
    Hit,
    IndexUnavailableError,
    Rebuild,
    Refused,
    SearchAnswer,
    SearchRequest,
    Sight,
    Tenure,
)

R = TypeVar("R")


class MeilisearchIndex:
    """`prefix` names its indexes, so that several can share a server: letters, digits, `-` and `_`.

    `patience` in seconds is how long a read may take, `task_patience` how long the server may take to carry out a
    write, `readers` how many searches run at once. Nothing is asked of the server before the first call.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        prefix: str,
        *,
        readers: int = 8,
        patience: float = 1.9,
        task_patience: float = 120.0,
    ) -> None:
        self._prefix = prefix
        self._patience = patience
        self._client = MeilisearchClient(url, key, patience, task_patience)
        self._slow_client = MeilisearchClient(url, key, task_patience, task_patience)
        self._reader = MeilisearchReader(self._client, prefix)
        self._writer = MeilisearchWriter(self._slow_client, prefix)
        self._rebuild: MeilisearchRebuild | None = None
        self._reading = ThreadPoolExecutor(readers, thread_name_prefix="meilisearch-read")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="meilisearch-write")

    is_shared = True

    @property
    def layout(self) -> str:
        """See `SearchIndex`."""
        return name_layout()

    async def write(self, batch: Batch) -> Refused:
        """See `IndexWriter`."""
        return await self._change(lambda: self._writer.write(batch))

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex`."""
        return await self._read(lambda: self._reader.search(request))

    async def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        """See `SearchIndex`."""
        return await self._read(lambda: self._reader.similar(prompt_id, sight, first))

    async def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        """See `SearchIndex`."""
        return await self._read(lambda: self._reader.revisions(ids))

    async def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        """See `SearchIndex`. What is written meanwhile may be there or not, or be given twice."""
        pages = self._reader.scan()
        while (page := await self._read(lambda: next(pages, None))) is not None:
            for row in page:
                yield row

    async def fingerprint(self) -> str | None:
        """See `SearchIndex`."""
        return await self._read(lambda: self._read_fact(FINGERPRINT, "fingerprint"))

    async def mark(self) -> str | None:
        """See `SearchIndex`."""
        return await self._read(lambda: self._read_fact(MARK, "mark"))

    async def keep_mark(self, mark: str) -> None:
        """See `SearchIndex`."""
        await self._change(lambda: self._slow_client.add_surely(f"{self._prefix}_state", [make_mark(mark)]))

    async def rebuild(self, tenure: Tenure = UNFENCED) -> Rebuild:
        """See `SearchIndex`."""
        if self._rebuild is not None:
            self._rebuild.is_over = True
        beside = NextIndexes(self._slow_client, self._prefix, tenure)
        await self._change(beside.create)
        self._rebuild = MeilisearchRebuild(beside, self._writer, self._change)
        return self._rebuild

    async def close(self) -> None:
        """Waits for what is being written."""
        await asyncio.to_thread(self._writing.shutdown)
        await asyncio.to_thread(self._reading.shutdown)

    async def drop(self) -> None:
        """Removes all of it from the server."""
        await self._change(self._drop_all)

    def _drop_all(self) -> None:
        for name in (self._prefix, f"{self._prefix}_state", *self._slow_client.list_indexes(f"{self._prefix}_next_")):
            self._slow_client.drop(name)

    def _read_fact(self, key: str, name: str) -> str | None:
        """Of an index whose documents are gone nothing is told: what was said of them holds no more."""
        held = self._client.fetch(f"{self._prefix}_state", ids=[key], limit=1)
        return str(held[0][name]) if held and self._client.exists(self._prefix) else None

    async def _change(self, deed: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._writing, deed)

    async def _read(self, deed: Callable[[], R]) -> R:
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().run_in_executor(self._reading, deed)
        except TimeoutError:
            raise IndexUnavailableError(f"Meilisearch took more than {self._patience:g} seconds.") from None

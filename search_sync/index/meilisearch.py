"""The index on a Meilisearch server, by its official client, whose blocking calls run in threads.

Where Meilisearch has limits, they are met or told: ids and facet values are written in hexadecimal and the longest
values abbreviated (`meilisearch_documents.py`); hits past the first 1,000 cannot be paged to (`reachable`); of more
than 1,000 values of a facet the count of one that is rare but selected may be told as 0. Of texts of more than 65,000
words every word is kept once, up to 130,000, because an attribute has 65,535 at most. The server also finds words
written together or apart ("sunflower" for "sun flower"), and beginnings with two typos: there it finds more.

Two indexes make one of ours: `<prefix>` with the documents and `<prefix>_state` with the fingerprint and the mark. A
rebuild fills `<prefix>_next` and `<prefix>_next_state`, and a single swap, which is atomic, exchanges both pairs.

The guard of revisions reads before it writes, so it holds against one writer at a time: the worker's lease sees to it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from search_sync.index.meilisearch_client import MeilisearchClient
from search_sync.index.meilisearch_documents import encode_id, make_settings, name_layout
from search_sync.index.meilisearch_search import MeilisearchReader
from search_sync.index.meilisearch_writes import MeilisearchWriter
from search_sync.index.protocol import (
    Batch,
    Hit,
    IndexUnavailableError,
    Rebuild,
    Refused,
    SearchAnswer,
    SearchRequest,
    Sight,
)

R = TypeVar("R")

_FINGERPRINT = encode_id("fingerprint")
_MARK = encode_id("mark")


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
        self._rebuild: _MeilisearchRebuild | None = None
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
        return await self._read(lambda: self._read_fact(_FINGERPRINT, "fingerprint"))

    async def mark(self) -> str | None:
        """See `SearchIndex`."""
        return await self._read(lambda: self._read_fact(_MARK, "mark"))

    async def keep_mark(self, mark: str) -> None:
        """See `SearchIndex`."""
        await self._change(lambda: self._keep_facts(f"{self._prefix}_state", {"key": _MARK, "mark": mark}))

    async def rebuild(self) -> Rebuild:
        """See `SearchIndex`."""
        if self._rebuild is not None:
            self._rebuild.is_over = True
        await self._change(self._prepare_next)
        self._rebuild = _MeilisearchRebuild(self, MeilisearchWriter(self._slow_client, f"{self._prefix}_next", {}))
        return self._rebuild

    async def close(self) -> None:
        """Waits for what is being written."""
        await asyncio.to_thread(self._writing.shutdown)
        await asyncio.to_thread(self._reading.shutdown)

    async def drop(self) -> None:
        """Removes all of it from the server."""
        await self._change(self._drop_all)

    def _drop_all(self) -> None:
        for name in ("", "_state", "_next", "_next_state"):
            self._slow_client.drop(f"{self._prefix}{name}")

    def _prepare_next(self) -> None:
        self._drop_next()
        self._slow_client.create(f"{self._prefix}_next", make_settings())
        self._slow_client.create(f"{self._prefix}_next_state")

    def _read_fact(self, key: str, name: str) -> str | None:
        """Of an index whose documents are gone nothing is told: what was said of them holds no more."""
        held = self._client.fetch(f"{self._prefix}_state", ids=[key], limit=1)
        return str(held[0][name]) if held and self._client.exists(self._prefix) else None

    def _keep_facts(self, index: str, *facts: dict[str, str]) -> None:
        self._slow_client.wait_surely(self._slow_client.add(index, facts))

    def _swap(self, fingerprint: str, mark: str | None) -> None:
        """A swap needs all four to be there."""
        facts = [{"key": _FINGERPRINT, "fingerprint": fingerprint}]
        facts += [{"key": _MARK, "mark": mark}] if mark is not None else []
        self._keep_facts(f"{self._prefix}_next_state", *facts)
        self._writer.prepare()
        self._slow_client.create(f"{self._prefix}_state")
        names = (self._prefix, f"{self._prefix}_state")
        nexts = (f"{self._prefix}_next", f"{self._prefix}_next_state")
        self._slow_client.swap(list(zip(names, nexts, strict=True)))
        self._drop_next()

    def _drop_next(self) -> None:
        for name in (f"{self._prefix}_next", f"{self._prefix}_next_state"):
            self._slow_client.drop(name)

    async def _change(self, deed: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._writing, deed)

    async def _read(self, deed: Callable[[], R]) -> R:
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().run_in_executor(self._reading, deed)
        except TimeoutError:
            raise IndexUnavailableError(f"Meilisearch took more than {self._patience:g} seconds.") from None


class _MeilisearchRebuild:
    """The pair of indexes that is to take the others' place. Nobody else writes to it, so revisions are known here."""

    def __init__(self, index: MeilisearchIndex, writer: MeilisearchWriter) -> None:
        self._index = index
        self._writer = writer
        self.is_over = False

    async def write(self, batch: Batch) -> Refused:
        return await self._index._change(lambda: self._take().write(batch))

    async def finish(self, fingerprint: str, mark: str | None = None) -> None:
        self._take()
        await self._index._change(lambda: self._index._swap(fingerprint, mark))
        self.is_over = True

    async def abandon(self) -> None:
        if not self.is_over:
            self.is_over = True
            await self._index._change(self._index._drop_next)

    def _take(self) -> MeilisearchWriter:
        if self.is_over:
            raise IndexUnavailableError("This rebuild of the search index is over.")
        return self._writer

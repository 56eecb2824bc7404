"""A rebuild on a Meilisearch server: two indexes beside the two that serve, and one swap.

The server fences nobody, so the new ones are named by the builder's fence, and before each step it is looked whether
the right to write still holds. One that was overtaken fills and drops indexes of its own, which nobody looks at.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from search_sync.index.meilisearch_client import MeilisearchClient
from search_sync.index.meilisearch_documents import encode_id, make_settings
from search_sync.index.meilisearch_writes import MeilisearchWriter
from search_sync.index.protocol import Batch, IndexUnavailableError, Refused, Tenure

R = TypeVar("R")

FINGERPRINT = encode_id("fingerprint")
MARK = encode_id("mark")


def make_mark(mark: str) -> dict[str, str]:
    """The document of the state that holds the mark."""
    return {"key": MARK, "mark": mark}


class NextIndexes:
    """The pair that is to take the others' place. It blocks; each step raises what the tenure's check does."""

    def __init__(self, client: MeilisearchClient, prefix: str, tenure: Tenure) -> None:
        self._client = client
        self._prefix = prefix
        self._tenure = tenure
        self._documents = f"{prefix}_next_{tenure.fence}"
        self._state = f"{self._documents}_state"
        self.writer = MeilisearchWriter(client, self._documents, {})

    def create(self) -> None:
        """Empty; what this builder or earlier ones left is gone."""
        named = re.compile(rf"{re.escape(self._prefix)}_next_(\d+)(_state)?")
        for name in self._client.list_indexes(f"{self._prefix}_next_"):
            found = named.fullmatch(name)
            if found and int(found[1]) <= self._tenure.fence:
                self._tenure.check()
                self._client.drop(name)
        self._tenure.check()
        self._client.create(self._documents, make_settings())
        self._client.create(self._state)

    def swap(self, fingerprint: str, mark: str | None, serving: MeilisearchWriter) -> None:
        """Puts them in the place of those that serve, which need to be there for that."""
        facts = [{"key": FINGERPRINT, "fingerprint": fingerprint}, *([make_mark(mark)] if mark is not None else [])]
        self._tenure.check()
        self._client.add_surely(self._state, facts)
        serving.prepare_anew()
        self._client.create(f"{self._prefix}_state")
        self._tenure.check()
        self._client.swap([(self._prefix, self._documents), (f"{self._prefix}_state", self._state)])
        self.drop()

    def drop(self) -> None:
        """Removes them; nobody else has their names."""
        for name in (self._documents, self._state):
            self._client.drop(name)


class Change(Protocol):
    """Runs a blocking deed after those that came before."""

    def __call__(self, deed: Callable[[], R]) -> Awaitable[R]:
        """Answers with what it does."""


class MeilisearchRebuild:
    """Nobody else writes to the new pair, so its revisions are known here."""

    def __init__(self, beside: NextIndexes, serving: MeilisearchWriter, change: Change) -> None:
        self._beside = beside
        self._serving = serving
        self._change = change
        self.is_over = False

    async def write(self, batch: Batch) -> Refused:
        """See `IndexWriter`."""
        return await self._change(lambda: self._take().writer.write(batch))

    async def finish(self, fingerprint: str, mark: str | None = None) -> None:
        """See `Rebuild`."""
        self._take()
        await self._change(lambda: self._beside.swap(fingerprint, mark, self._serving))
        self.is_over = True

    async def abandon(self) -> None:
        """See `Rebuild`."""
        if not self.is_over:
            self.is_over = True
            await self._change(self._beside.drop)

    def _take(self) -> NextIndexes:
        if self.is_over:
            raise IndexUnavailableError("This rebuild of the search index is over.")
        return self._beside

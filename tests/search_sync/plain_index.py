"""An index that only keeps what it is given, with switches for what may go wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from search_sync.index.document import SearchDocument
from search_sync.index.protocol import (
    UNFENCED,
    Batch,
    Hit,
    IndexUnavailableError,
    Refused,
    SearchAnswer,
    SearchRequest,
    Sight,
    Tenure,
)


class PlainWriter:
    """Documents by id, under the guard of `rev`."""

    def __init__(self, faults: "Faults") -> None:
        self.documents: dict[str, SearchDocument] = {}
        self._faults = faults

    async def write(self, batch: Batch) -> Refused:
        await self._faults.suffer(batch)
        refused = {one.id: "It is poison." for one in batch.documents if one.id in self._faults.poison}
        for document in batch.documents:
            held = self.documents.get(document.id)
            is_newer = held is None or held.rev <= document.rev or document.id in batch.afresh
            if document.id not in refused and is_newer:
                self.documents[document.id] = document
        for one in batch.gone:
            self.documents.pop(one, None)
        await self._faults.notice(batch)
        return refused


class Faults:
    """What goes wrong. `before` and `after` are awaited around each write, as far as they are set."""

    def __init__(self) -> None:
        self.is_down = False
        self.poison: set[str] = set()
        self.before: Callable[[Batch], object] | None = None
        self.after: Callable[[Batch], object] | None = None
        self.seconds = 0.0
        self.batches: list[Batch] = []

    async def suffer(self, batch: Batch) -> None:
        await asyncio.sleep(self.seconds)
        if self.before is not None:
            result = self.before(batch)
            if asyncio.iscoroutine(result):
                await result
        if self.is_down:
            raise IndexUnavailableError("It is down.")

    async def notice(self, batch: Batch) -> None:
        self.batches.append(batch)
        if self.after is not None:
            result = self.after(batch)
            if asyncio.iscoroutine(result):
                await result


class PlainRebuild(PlainWriter):
    """A new one beside the other."""

    def __init__(self, index: "PlainIndex") -> None:
        super().__init__(index.faults)
        self._index = index

    async def finish(self, fingerprint: str, mark: str | None = None) -> None:
        self._index.documents, self._index.built_with, self._index.held_mark = self.documents, fingerprint, mark
        self._index.builds += 1

    async def abandon(self) -> None:
        self._index.abandoned += 1


class PlainIndex(PlainWriter):
    """No search, but all that a worker needs."""

    def __init__(self) -> None:
        self.faults = Faults()
        super().__init__(self.faults)
        self.built_with: str | None = None
        self.held_mark: str | None = None
        self.layout = "plain"
        self.is_shared = True
        self.builds = 0
        self.abandoned = 0

    async def search(self, request: SearchRequest) -> SearchAnswer:
        raise NotImplementedError

    async def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        raise NotImplementedError

    async def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        return {one: self.documents[one].rev for one in ids if one in self.documents}

    async def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        for document in list(self.documents.values()):
            yield document.id, document.rev, document.digest()

    async def fingerprint(self) -> str | None:
        return self.built_with

    async def mark(self) -> str | None:
        return self.held_mark

    async def keep_mark(self, mark: str) -> None:
        if self.faults.is_down:
            raise IndexUnavailableError("It is down.")
        self.held_mark = mark

    async def rebuild(self, tenure: Tenure = UNFENCED) -> PlainRebuild:
        return PlainRebuild(self)

    async def close(self) -> None:
        return

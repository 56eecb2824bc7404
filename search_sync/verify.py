"""Comparing the index with the store, prompt by prompt, by digest.

Changes go on meanwhile, so what differs at first is only suspected. A suspect is convicted when the store held the
same from before the index had caught up until after it was looked at, and the index held something else.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from search_sync.index.protocol import SearchIndex
from search_sync.projection import ProjectionError, project
from search_sync.source import PromptSource

NO_PROMPT = -1
"""The `rev` of a document in the store that is none of a prompt: nothing can be made of it."""

_LOOKS = 5
_PAGE = 500

Tell = Callable[[str, int, int], Awaitable[None]]
Digests = dict[str, tuple[int, str]]


class DifferenceKind(StrEnum):
    """MISSING: not in the index. EXTRA: not in the store. STALE: the index holds something else of it."""

    MISSING = "missing"
    EXTRA = "extra"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Difference:
    """One prompt that is not in the index as it is in the store; `reason` where the index has refused it."""

    id: str
    kind: DifferenceKind
    store_rev: int | None
    index_rev: int | None
    reason: str | None = None

    def to_document(self) -> dict[str, Any]:
        """As it lies in an order's result."""
        return {**asdict(self), "kind": self.kind.value}


def difference_from_document(document: dict[str, Any]) -> Difference:
    """The inverse of `to_document`."""
    return Difference(**{**document, "kind": DifferenceKind(document["kind"])})


class Comparison:
    """One comparison. `settle` returns when all that the store holds at its call should be in the index."""

    def __init__(
        self,
        source: PromptSource,
        index: SearchIndex,
        settle: Callable[[], Awaitable[None]],
        tell: Tell,
        text_characters: int,
    ) -> None:
        self._source = source
        self._index = index
        self._settle = settle
        self._tell = tell
        self._text_characters = text_characters

    async def run(self) -> list[Difference]:
        """What differs, by id."""
        suspects = await self._suspect()
        found: dict[str, Difference] = {}
        for _ in range(_LOOKS):
            if not suspects:
                break
            suspects = await self.look(suspects, found)
        return [found[one] for one in sorted(found, key=str)]

    async def look(self, suspects: Collection[str], found: dict[str, Difference]) -> set[str]:
        """Convicts those that differ for sure, and answers with those that changed while they were looked at."""
        before = await self._read(suspects)
        await self._tell("waiting for the index", 0, len(suspects))
        await self._settle()
        held = await self._scan(suspects)
        after = await self._read(suspects)
        moving: set[str] = set()
        for done, one in enumerate(suspects):
            if before.get(one) != after.get(one):
                moving.add(one)
            elif (difference := _compare(one, after.get(one), held.get(one))) is not None:
                found[one] = difference
            if done % _PAGE == 0:
                await self._tell("looking again", done, len(suspects))
        return moving

    async def _suspect(self) -> set[str]:
        total = await self._source.count()
        await self._tell("reading the index", 0, total)
        held = await self._scan(None)
        suspects, done = set(), 0
        async for page in self._pages():
            for one, digest in page.items():
                if held.pop(one, None) != digest:
                    suspects.add(one)
            done += len(page)
            await self._tell("comparing", done, max(total, done))
        return suspects | held.keys()

    async def _scan(self, only: Collection[str] | None) -> Digests:
        wanted = None if only is None else frozenset(only)
        return {one: (rev, digest) async for one, rev, digest in self._index.scan() if wanted is None or one in wanted}

    async def _pages(self) -> AsyncIterator[Digests]:
        after = None
        while page := await self._source.page(after, _PAGE):
            after = page[-1]["_id"]
            yield {one: digest for document in page for one, digest in self._digest(document).items()}

    async def _read(self, ids: Collection[str]) -> Digests:
        found: Digests = {}
        async for document in self._source.read(ids):
            found |= self._digest(document)
        return found

    def _digest(self, document: dict[str, Any]) -> Digests:
        try:
            projected = project(document, self._text_characters)
        except ProjectionError:
            return {document["_id"]: (NO_PROMPT, "")}  # no index holds that, so it is told as a difference
        return {projected.id: (projected.rev, projected.digest())}


def _compare(one: str, stored: tuple[int, str] | None, held: tuple[int, str] | None) -> Difference | None:
    if stored == held:
        return None
    kind = DifferenceKind.STALE if stored and held else DifferenceKind.MISSING if stored else DifferenceKind.EXTRA
    return Difference(str(one), kind, stored[0] if stored else None, held[0] if held else None)

"""Documents for the contract suite, and short ways to ask an index."""

from dataclasses import replace
from typing import Any

from search_sync.index.document import SearchDocument
from search_sync.index.protocol import (
    Batch,
    FacetCounts,
    FacetField,
    SearchAnswer,
    SearchFilter,
    SearchIndex,
    SearchRequest,
    Sight,
)

ALL = Sight(everything=True)

_PLAIN = SearchDocument(
    id="",
    rev=1,
    name="",
    title="",
    description="",
    tags=(),
    variables=(),
    text="",
    category=None,
    author=None,
    folders=(),
    kind="text",
    labels=(),
    model=None,
    findings=(),
    average=None,
    wilson=0.0,
    usage=0,
    created_at=1_700_000_000_000,
    updated_at=1_700_000_000_000,
    is_archived=False,
    is_public=False,
)


def make_document(id: str, **facts: Any) -> SearchDocument:
    """A document that has nothing but an id and what is given; its folders are those of its name."""
    name = facts.get("name", id)
    parts = name.split("/")[:-1]
    folders = tuple("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return replace(_PLAIN, **{"id": id, "name": name, "title": name, "folders": folders, **facts})


async def fill(index: SearchIndex, *documents: SearchDocument) -> None:
    assert await index.write(Batch(documents=documents)) == {}


async def ask(index: SearchIndex, text: str = "", sight: Sight = ALL, **asked: Any) -> SearchAnswer:
    """Words that belong to the filter go there, the others to the request."""
    where = {name: asked.pop(name) for name in list(asked) if name in SearchFilter.__dataclass_fields__}
    return await index.search(SearchRequest(sight=sight, text=text, where=SearchFilter(**where), **asked))


async def find(index: SearchIndex, text: str = "", sight: Sight = ALL, **asked: Any) -> list[str]:
    """The ids of the hits, sorted: for questions that have nothing to do with order."""
    return sorted(hit.id for hit in (await ask(index, text, sight, **asked)).hits)


async def rank(index: SearchIndex, text: str = "", **asked: Any) -> list[str]:
    """The ids of the hits in their order."""
    return [hit.id for hit in (await ask(index, text, **asked)).hits]


async def count(index: SearchIndex, facet: FacetField, **asked: Any) -> FacetCounts:
    return (await ask(index, facets=(facet,), **asked)).facets[facet]


async def list_held(index: SearchIndex) -> dict[str, tuple[int, str]]:
    """Everything that is held: id, revision and digest."""
    return {key: (rev, digest) async for key, rev, digest in index.scan()}

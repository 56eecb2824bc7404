"""Whatever is asked of whatever documents, Tantivy answers what `MemoryIndex` says that it means."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_sync.index.document import SearchDocument
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import (
    Batch,
    FacetField,
    SearchFilter,
    SearchIndex,
    SearchOrder,
    SearchRequest,
    Sight,
)
from search_sync.index.tantivy import TantivyIndex
from tests.contracts.samples import list_held, make_document

WORDS = ["plane", "plan", "planes", "planet", "lane", "developer", "developers", "devloper", "a", "é", "翻译", "2024"]
FOLDERS = ["a", "a/b", "a-b", "b"]
TAGS = ["x", "y", "z", "x y"]

texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
some_tags = st.lists(st.sampled_from(TAGS), max_size=3, unique=True).map(tuple)
some_folders = st.lists(st.sampled_from(FOLDERS), max_size=2, unique=True).map(tuple)
few_people = st.sampled_from([None, "ann", "bob"])


@st.composite
def documents(draw: st.DrawFn) -> SearchDocument:
    key = draw(st.sampled_from("abcdefghijkl"))
    return make_document(
        key,
        rev=draw(st.integers(1, 3)),
        name=draw(st.sampled_from(["", *(f"{folder}/" for folder in FOLDERS)])) + key,
        title=draw(texts),
        text=draw(texts),
        tags=draw(some_tags),
        author=draw(few_people),
        labels=draw(some_tags),
        average=draw(st.sampled_from([None, 1.0, 2.5, 4.0])),
        wilson=draw(st.sampled_from([0.0, 0.25, 0.5000001, 0.5])),
        usage=draw(st.sampled_from([0, 1, 10, 2])),
        updated_at=draw(st.sampled_from([1, 20, 3])),
        is_archived=draw(st.booleans()),
        is_public=draw(st.booleans()),
    )


@st.composite
def requests(draw: st.DrawFn) -> SearchRequest:
    return SearchRequest(
        sight=Sight(draw(st.booleans()), draw(some_folders), draw(st.booleans())),
        text=draw(texts) + draw(st.sampled_from(["", " "])),
        where=SearchFilter(
            tags=draw(st.none() | some_tags),
            folders=draw(st.none() | some_folders),
            authors=draw(st.none() | st.just(("ann",))),
            min_average=draw(st.none() | st.sampled_from([1.0, 3.0])),
            updated_after=draw(st.none() | st.sampled_from([1, 2, 20])),
            include_archived=draw(st.booleans()),
        ),
        order=draw(st.sampled_from(SearchOrder)),
        offset=draw(st.integers(0, 5)),
        limit=draw(st.integers(0, 6)),
        facets=tuple(draw(st.sets(st.sampled_from(FacetField)))),
        values_per_facet=draw(st.integers(1, 3)),
    )


batches = st.lists(
    st.builds(
        Batch,
        documents=st.lists(documents(), max_size=8),
        gone=st.lists(st.sampled_from("abcdefghijklm"), max_size=2),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches, st.lists(requests(), min_size=1, max_size=8))
def test_the_same_is_held_found_counted_and_ordered(
    tmp_path_factory: pytest.TempPathFactory, written: list[Batch], asked: list[SearchRequest]
) -> None:
    asyncio.run(_compare(tmp_path_factory.mktemp("index"), written, asked))


async def _compare(place: Path, written: list[Batch], asked: list[SearchRequest]) -> None:
    meaning = MemoryIndex()
    index = await TantivyIndex.open(place, heap_bytes=15_000_000)
    try:
        for batch in written:
            assert await index.write(batch) == await meaning.write(batch)
        assert await list_held(index) == await list_held(meaning)
        for request in asked:
            await _ask_both(meaning, index, request)
    finally:
        await index.close()


async def _ask_both(meaning: SearchIndex, index: SearchIndex, request: SearchRequest) -> None:
    expected, answer = await meaning.search(request), await index.search(request)
    assert answer.total == expected.total
    assert answer.facets == expected.facets
    if request.order is not SearchOrder.RELEVANCE or not request.text.strip():
        assert answer.hits == expected.hits
    else:
        scores = [hit.score for hit in expected.hits]
        assert [hit.score for hit in answer.hits] == pytest.approx(scores, rel=1e-5)  # theirs have 32 bits

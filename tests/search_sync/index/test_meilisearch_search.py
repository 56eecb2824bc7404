"""What is asked of Meilisearch, and what its answers mean."""

from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.meilisearch_documents import (
    MOST_FACET_VALUES,
)
from search_sync.index.protocol import (
    Batch,
    FacetField,
)
from tests.contracts.meilisearch_stand_in import StandIn
from tests.contracts.samples import ask, count, list_held, make_document, rank

DOCUMENTS = [make_document(f"{at:02}", tags=("x",)) for at in range(16)]


async def test_an_index_that_is_not_there_yet_is_empty(index: MeilisearchIndex) -> None:
    answer = await ask(index, "x", facets=(FacetField.TAG,), tags=("x",))
    assert (answer.hits, answer.total, answer.facets[FacetField.TAG].values) == ((), 0, (("x", 0),))
    assert await index.fingerprint() is None
    assert await list_held(index) == {}


async def test_a_search_and_its_disjunctive_counts_are_one_request(index: MeilisearchIndex, stand_in: StandIn) -> None:
    await index.write(Batch(documents=DOCUMENTS))
    stand_in.searches.clear()
    await ask(index, facets=(FacetField.TAG, FacetField.AUTHOR, FacetField.KIND), tags=("x",), authors=("ann",))
    main, tags, authors = stand_in.searches
    assert main["facets"] == ["kinds"]
    assert (tags["facets"], tags["limit"], "tags IN" in tags["filter"]) == (["tags"], 0, False)
    assert (authors["facets"], authors["limit"], "authors IN" in authors["filter"]) == (["authors"], 0, False)
    assert "tags IN" in authors["filter"]
    assert "authors IN" in tags["filter"]


async def test_hits_that_cannot_be_paged_to_are_told(index: MeilisearchIndex) -> None:
    await index.write(Batch(documents=[make_document(f"{at}") for at in range(1_010)]))
    answer = await ask(index, offset=995, limit=20)
    assert (answer.total, answer.reachable, len(answer.hits)) == (1_010, 1_000, 5)
    assert (await ask(index, offset=5_000)).hits == ()


async def test_selected_values_past_what_a_facet_gives_are_counted_apart(index: MeilisearchIndex) -> None:
    tags = tuple(f"t{at:04}" for at in range(MOST_FACET_VALUES))
    await index.write(
        Batch(documents=[make_document("a", tags=tags), make_document("b", tags=tags), make_document("c", tags=("z",))])
    )
    facet = await count(index, FacetField.TAG, tags=("z", "nowhere"), values_per_facet=5)
    assert facet.values[-2:] == (("z", 1), ("nowhere", 0))
    assert facet.is_truncated


async def test_an_id_that_cannot_be_held_does_not_spoil_the_question_for_others(index: MeilisearchIndex) -> None:
    await index.write(Batch(documents=[make_document("a", rev=7)]))
    assert await index.revisions(["a", "x" * 300, ""]) == {"a": 7}


async def test_exact_names_come_first_on_every_page_and_once(index: MeilisearchIndex) -> None:
    documents = [make_document(f"{at}", name=f"deep/zebra {at}", updated_at=90 + at) for at in range(5)]
    await index.write(Batch(documents=[*documents, make_document("z", name="zoo/zebra", updated_at=1)]))
    assert await rank(index, "zebra") == ["z", "4", "3", "2", "1", "0"]
    pages = [await rank(index, "zebra", offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert pages == [["z", "4"], ["3", "2"], ["1", "0"], []]
    scores = [hit.score or 0.0 for hit in (await ask(index, "zebra")).hits]
    assert scores[0] > max(scores[1:])
    assert (await ask(index, "zebra", tags=("none",))).hits == ()

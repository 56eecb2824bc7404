"""Whoever may not see a prompt learns nothing of it from any index: no hit, no total, no count, no neighbour."""

import pytest

from search_sync.index.document import SearchDocument
from search_sync.index.protocol import FacetField, SearchIndex, Sight
from tests.contracts.samples import ask, count, fill, find, make_document, rank

SIGHTS = [
    (Sight(everything=True), ["ours", "ours-below", "public", "secret", "theirs"]),
    (Sight(folders=("ours",)), ["ours", "ours-below"]),
    (Sight(folders=("ours/below",)), ["ours-below"]),
    (Sight(folders=("ours",), public=True), ["ours", "ours-below", "public"]),
    (Sight(folders=("ours", "theirs")), ["ours", "ours-below", "theirs"]),
    (Sight(public=True), ["public"]),
    (Sight(), []),
    (Sight(folders=("our",)), []),
    (Sight(folders=('ours" OR is_public = true OR "x',)), []),
]


@pytest.fixture
async def guarded(index: SearchIndex) -> SearchIndex:
    text = "the same long text about refunds, customers, letters and answers"
    await fill(
        index,
        make_document("ours", name="ours/a", tags=("ours", "all"), text=text),
        make_document("ours-below", name="ours/below/a", tags=("below", "all"), text=text),
        make_document("theirs", name="theirs/a", tags=("theirs", "all"), text=text),
        make_document("public", name="open/a", tags=("public", "all"), text=text, is_public=True),
        make_document("secret", name="a", tags=("secret", "all"), text=text),
        make_document("archived", name="ours/old", tags=("old", "all"), text=text, is_archived=True),
    )
    return index


@pytest.mark.parametrize(("sight", "expected"), SIGHTS)
async def test_hits_totals_and_counts_are_of_what_is_seen(
    guarded: SearchIndex, sight: Sight, expected: list[str]
) -> None:
    for text in ("", "refunds", "refun", "refubds"):
        answer = await ask(guarded, text, sight, facets=(FacetField.TAG, FacetField.FOLDER))
        assert sorted(hit.id for hit in answer.hits) == expected
        assert answer.total == len(expected)
        tags = dict(answer.facets[FacetField.TAG].values)
        assert tags.pop("all", 0) == len(expected)
        assert len(tags) == len(expected)


@pytest.mark.parametrize("secret", ["secret", "theirs", "public"])
async def test_selecting_a_value_that_is_not_seen_says_that_there_is_none(guarded: SearchIndex, secret: str) -> None:
    facet = await count(guarded, FacetField.TAG, sight=Sight(folders=("ours",)), tags=(secret,))
    assert (secret, 0) in facet.values
    assert await find(guarded, sight=Sight(folders=("ours",)), tags=(secret,)) == []


@pytest.mark.parametrize(("sight", "expected"), SIGHTS)
async def test_neighbours_are_among_what_is_seen(guarded: SearchIndex, sight: Sight, expected: list[str]) -> None:
    near = sorted(hit.id for hit in await guarded.similar("ours", sight, 10))
    assert near == ([key for key in expected if key != "ours"] if "ours" in expected else [])
    assert await guarded.similar("no such prompt", sight, 10) == ()


@pytest.mark.usefixtures("_ranked_by_us")
async def test_the_order_of_what_is_seen_is_the_same_whatever_is_hidden(index: SearchIndex) -> None:
    """Hidden prompts make one word common and another rare, and texts elsewhere long."""
    sight = Sight(folders=("ours",))
    await fill(
        index,
        make_document("1", name="ours/1", title="refund letter", text="words about an invoice", updated_at=1),
        make_document("2", name="ours/2", title="invoice letter", text="and a refund", updated_at=2),
        make_document("3", name="ours/3", title="a refund", text="letter " * 30 + "invoice", updated_at=3),
        make_document("4", name="ours/4", title="notes", description="refund, invoice", text="letter", updated_at=4),
    )
    asked = ["refund", "invoice", "refund invoice ", "letter", "invoice letter", "refun"]
    alone = [await rank(index, text, sight=sight) for text in asked]
    await fill(index, *(hidden(number, "refund ") for number in range(30)))
    assert [await rank(index, text, sight=sight) for text in asked] == alone
    await fill(index, *(hidden(number, "invoice letter " * 40) for number in range(30, 90)))
    assert [await rank(index, text, sight=sight) for text in asked] == alone


def hidden(number: int, words: str) -> SearchDocument:
    return make_document(f"hidden-{number}", name=f"theirs/{number}", title=words, description=words, text=words)

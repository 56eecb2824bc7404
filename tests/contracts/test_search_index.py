"""What every index answers: filters, facets, totals, orders and pages."""

from dataclasses import replace
from typing import Any

import pytest

from search_sync.index.protocol import FacetField, SearchIndex, SearchOrder
from tests.contracts.samples import ask, count, fill, find, make_document, rank

FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["a", "b", "c"]),
    ({"tags": ("x",)}, ["a", "b"]),
    ({"tags": ("x", "z")}, ["a", "b", "c"]),
    ({"tags": ()}, []),
    ({"tags": ("X",)}, []),
    ({"tags": ("x",), "authors": ("ann",)}, ["a"]),
    ({"authors": ("ann", "nobody")}, ["a"]),
    ({"categories": ("Mail",)}, ["b"]),
    ({"kinds": ("chat",)}, ["c"]),
    ({"labels": ("production",)}, ["a", "c"]),
    ({"models": ("gpt-5.2",)}, ["a"]),
    ({"variables": ("user.name",)}, ["b"]),
    ({"findings": ("secret", "script")}, ["b", "c"]),
    ({"findings": ("secret",), "tags": ("x",)}, ["b"]),
    ({"min_average": 3.0}, ["a", "b"]),
    ({"min_average": 3.5}, ["a"]),
    ({"min_average": 0.0}, ["a", "b"]),
    ({"updated_after": 20}, ["c"]),
    ({"updated_after": 19}, ["b", "c"]),
    ({"include_archived": True}, ["a", "b", "c", "gone"]),
]


@pytest.fixture
async def filled(index: SearchIndex) -> SearchIndex:
    await fill(
        index,
        make_document(
            "a", tags=("x", "y"), author="ann", labels=("production",), model="gpt-5.2", average=4.5, updated_at=10
        ),
        make_document(
            "b",
            tags=("x",),
            category="Mail",
            variables=("user.name",),
            findings=("secret",),
            average=3.0,
            updated_at=20,
        ),
        make_document(
            "c",
            tags=("z",),
            author="bob",
            kind="chat",
            labels=("production", "beta"),
            findings=("secret", "script"),
            updated_at=30,
        ),
        make_document("gone", tags=("x", "z"), author="ann", is_archived=True, updated_at=5),
    )
    return index


@pytest.mark.parametrize(("asked", "expected"), FILTERS, ids=lambda value: str(value)[:40])
async def test_a_filter_leaves_what_matches_and_the_total_is_theirs(
    filled: SearchIndex, asked: dict[str, Any], expected: list[str]
) -> None:
    answer = await ask(filled, **asked)
    assert sorted(hit.id for hit in answer.hits) == expected
    assert answer.total == len(expected)


async def test_a_folder_takes_all_below_it_and_no_sibling(index: SearchIndex) -> None:
    names = ("a/x", "a/b/y", "a0/x", "a-b/x", "a.b/x", "a b/x", "A/x", "a", "ab/x", "x/a/y")
    await fill(index, *(make_document(f"{at}", name=name) for at, name in enumerate(names)))
    assert await find(index, folders=("a",)) == ["0", "1"]
    assert await find(index, folders=("a/b",)) == ["1"]
    assert await find(index, folders=("a/b", "a0")) == ["1", "2"]
    assert await find(index, folders=("a/",)) == []


async def test_counts_are_most_frequent_first_then_by_value(filled: SearchIndex) -> None:
    assert (await count(filled, FacetField.TAG)).values == (("x", 2), ("y", 1), ("z", 1))
    assert (await count(filled, FacetField.AUTHOR)).values == (("ann", 1), ("bob", 1))
    assert (await count(filled, FacetField.LABEL)).values == (("production", 2), ("beta", 1))
    assert (await count(filled, FacetField.KIND)).values == (("text", 2), ("chat", 1))
    assert (await count(filled, FacetField.MODEL)).values == (("gpt-5.2", 1),)
    assert (await count(filled, FacetField.FINDING)).values == (("secret", 2), ("script", 1))
    assert (await count(filled, FacetField.VARIABLE)).values == (("user.name", 1),)
    assert (await count(filled, FacetField.CATEGORY)).values == (("Mail", 1),)


async def test_rating_bands_overlap_and_have_the_unrated(filled: SearchIndex) -> None:
    bands = (await count(filled, FacetField.RATING)).values
    assert bands == (("1", 2), ("2", 2), ("3", 2), ("4", 1), ("unrated", 1))


async def test_folders_are_counted_with_all_below_them(index: SearchIndex) -> None:
    await fill(index, make_document("1", name="a/b/x"), make_document("2", name="a/y"), make_document("3", name="z"))
    assert (await count(index, FacetField.FOLDER)).values == (("a", 2), ("a/b", 1))


async def test_a_facets_own_selection_does_not_narrow_it_but_the_others_do(filled: SearchIndex) -> None:
    asked: dict[str, Any] = {"tags": ("x",), "authors": ("ann",)}
    answer = await ask(filled, facets=(FacetField.TAG, FacetField.AUTHOR, FacetField.LABEL), **asked)
    assert answer.total == 1
    assert answer.facets[FacetField.TAG].values == (("x", 1), ("y", 1))
    assert answer.facets[FacetField.AUTHOR].values == (("ann", 1),)
    assert answer.facets[FacetField.LABEL].values == (("production", 1),)


async def test_the_bands_are_counted_without_the_least_average(filled: SearchIndex) -> None:
    answer = await ask(filled, facets=(FacetField.RATING, FacetField.TAG), min_average=4.0)
    assert dict(answer.facets[FacetField.RATING].values)["unrated"] == 1
    assert answer.facets[FacetField.TAG].values == (("x", 1), ("y", 1))


async def test_a_selected_value_is_there_although_nothing_has_it(filled: SearchIndex) -> None:
    facet = await count(filled, FacetField.TAG, tags=("y", "no such tag"), authors=("bob",))
    assert facet.values == (("z", 1), ("no such tag", 0), ("y", 0))


async def test_a_selected_value_past_the_cut_has_its_count(index: SearchIndex) -> None:
    await fill(index, *(make_document(f"{at}", tags=("common", "rare") if at == 0 else ("common",)) for at in range(3)))
    facet = await count(index, FacetField.TAG, tags=("rare",), values_per_facet=1)
    assert facet.values == (("common", 3), ("rare", 1))
    assert facet.is_truncated


async def test_the_cut_is_told_and_ties_at_it_go_by_value(index: SearchIndex) -> None:
    await fill(index, *(make_document(f"{at}", tags=(f"t{at % 9}", "all")) for at in range(18)))
    facet = await count(index, FacetField.TAG, values_per_facet=4)
    assert facet.values == (("all", 18), ("t0", 2), ("t1", 2), ("t2", 2))
    assert facet.is_truncated
    assert not (await count(index, FacetField.TAG, values_per_facet=10)).is_truncated
    assert not (await count(index, FacetField.TAG, values_per_facet=11)).is_truncated


async def test_a_long_tie_at_the_cut_goes_by_value(index: SearchIndex) -> None:
    await fill(index, *(make_document(f"{at:02}", tags=(f"t{99 - at:02}",)) for at in range(100)))
    facet = await count(index, FacetField.TAG, values_per_facet=10)
    assert facet.values == tuple((f"t{at:02}", 1) for at in range(10))
    assert facet.is_truncated


async def test_a_value_that_is_rare_in_every_batch_is_counted_whole(index: SearchIndex) -> None:
    await fill(index, *(make_document(f"popular{at}", tags=("popular",)) for at in range(3)))
    for turn in range(4):
        tags = tuple(f"{turn}-{at}" for at in range(60))
        await fill(index, make_document(f"{turn}", tags=(*tags, "steady")), make_document(f"{turn}+", tags=tags))
    assert (await count(index, FacetField.TAG, values_per_facet=1)).values == (("steady", 4),)


async def test_only_facets_asked_for_are_answered(filled: SearchIndex) -> None:
    assert (await ask(filled)).facets == {}


ORDERS = [
    (SearchOrder.UPDATED_AT, ["f", "d", "e", "a", "b", "c"]),
    (SearchOrder.RATING, ["a", "b", "c", "f", "d", "e"]),
    (SearchOrder.USAGE, ["d", "f", "e", "a", "b", "c"]),
    (SearchOrder.RELEVANCE, ["f", "d", "e", "a", "b", "c"]),
]


@pytest.fixture
async def ordered(index: SearchIndex) -> SearchIndex:
    """Three with one rating, one usage and one time; three with others."""
    await fill(
        index,
        *(make_document(key, wilson=0.25, updated_at=50) for key in ("c", "b", "a")),
        make_document("e", usage=7, updated_at=60),
        make_document("f", usage=7, updated_at=90),
        make_document("d", usage=2_000_000_000, updated_at=60),
    )
    return index


@pytest.mark.parametrize(("order", "expected"), ORDERS)
async def test_an_order_is_descending_and_ties_are_broken_by_time_then_by_id(
    ordered: SearchIndex, order: SearchOrder, expected: list[str]
) -> None:
    assert await rank(ordered, order=order) == expected


@pytest.mark.parametrize("order", list(SearchOrder))
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
async def test_pages_put_together_are_the_whole(ordered: SearchIndex, order: SearchOrder, limit: int) -> None:
    whole = await rank(ordered, order=order)
    pages = [await rank(ordered, order=order, offset=offset, limit=limit) for offset in range(0, 6, limit)]
    assert [key for page in pages for key in page] == whole


async def test_hits_of_one_score_are_ordered_by_time_then_by_id_page_by_page(index: SearchIndex) -> None:
    for key in ("g", "c", "a", "f", "b", "e", "d"):
        await fill(index, make_document(key, name="n", text="lighthouse", updated_at=20 if key in "dg" else 10))
    pages = [await rank(index, "lighthouse", offset=offset, limit=2) for offset in range(0, 7, 2)]
    assert pages == [["d", "g"], ["a", "b"], ["c", "e"], ["f"]]


async def test_past_the_end_there_is_nothing_but_the_total(ordered: SearchIndex) -> None:
    answer = await ask(ordered, offset=6)
    assert (answer.hits, answer.total) == ((), 6)
    answer = await ask(ordered, offset=1_000_000, order=SearchOrder.USAGE)
    assert (answer.hits, answer.total) == ((), 6)


async def test_a_limit_of_none_counts_only(ordered: SearchIndex) -> None:
    answer = await ask(ordered, limit=0, facets=(FacetField.KIND,))
    assert (answer.hits, answer.total) == ((), 6)
    assert answer.facets[FacetField.KIND].values == (("text", 6),)


async def test_only_relevance_has_scores(ordered: SearchIndex) -> None:
    assert {type(hit.score) for hit in (await ask(ordered)).hits} == {float}
    assert {hit.score for hit in (await ask(ordered, order=SearchOrder.USAGE)).hits} == {None}


async def test_an_empty_index_answers(index: SearchIndex) -> None:
    answer = await ask(index, "anything", facets=tuple(FacetField), tags=("x",))
    assert (answer.hits, answer.total) == ((), 0)
    assert answer.facets[FacetField.TAG].values == (("x", 0),)
    assert all(answer.facets[facet].values == () for facet in FacetField if facet is not FacetField.TAG)


async def test_every_facet_of_a_long_list_is_exact_or_told(index: SearchIndex) -> None:
    documents = [make_document(f"{at:03}", tags=tuple(f"t{n}" for n in range(at % 50))) for at in range(200)]
    await fill(index, *documents)
    facet = await count(index, FacetField.TAG, values_per_facet=49)
    assert facet.values == tuple((f"t{n}", 4 * (49 - n)) for n in range(49))
    assert not facet.is_truncated


async def test_many_hits_are_reachable_or_told(index: SearchIndex) -> None:
    await fill(index, *(replace(make_document(f"{at:04}"), usage=at) for at in range(1_200)))
    answer = await ask(index, order=SearchOrder.USAGE, offset=990, limit=20)
    assert answer.total == 1_200
    assert [hit.id for hit in answer.hits] == [
        f"{at:04}" for at in range(209, 209 - min(20, answer.reachable - 990), -1)
    ]

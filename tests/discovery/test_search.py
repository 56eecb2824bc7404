import pytest

from graph.discovery.facets import read_facet
from graph.discovery.search import Question, make_search
from graph.domain.errors import InvalidCursorError, InvalidInputError
from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner
from search_sync.index.protocol import FacetCounts, FacetField, Hit, SearchAnswer, SearchFilter, SearchRequest
from tests.fixtures import caller

SIGNER = CursorSigner(b"secret")


def answer(hits: int, total: int, reachable: int | None = None, is_exact: bool = True) -> SearchAnswer:
    found = tuple(Hit(f"id{number}", None) for number in range(hits))
    return SearchAnswer(found, total, is_exact, total if reachable is None else reachable, {})


def ask(question: Question) -> SearchRequest:
    return make_search(question, caller(), SIGNER, Limits()).request


@pytest.mark.parametrize(
    ("given", "has_next"),
    [
        (answer(20, 21), True),
        (answer(20, 20), False),
        (answer(3, 3), False),
        (answer(20, 5_000, reachable=20), False),
        (answer(20, 15, reachable=1_000, is_exact=False), True),
        (answer(19, 25, reachable=1_000, is_exact=False), False),
        (answer(0, 5), False),
    ],
)
def test_there_is_a_next_page_as_far_as_the_index_can_be_paged(given: SearchAnswer, has_next: bool) -> None:
    assert make_search(Question(), caller(), SIGNER, Limits()).read(given).has_next is has_next


def test_the_next_page_begins_behind_the_cursor() -> None:
    page = make_search(Question(first=5), caller(), SIGNER, Limits()).read(answer(5, 9))
    following = ask(Question(first=5, after=page.found[-1].cursor))
    assert (following.offset, following.limit) == (5, 5)
    with pytest.raises(InvalidCursorError):
        ask(Question("other", after=page.found[-1].cursor))


def test_values_that_mean_the_same_are_asked_for_once() -> None:
    where = SearchFilter(tags=("e\u0301", "é", "x"), folders=("a/", "a"))
    assert ask(Question(where=where)).where == SearchFilter(tags=("é", "x"), folders=("a",))


@pytest.mark.parametrize("average", [float("nan"), float("inf"), 0.0, 6.0])
def test_an_average_is_from_1_to_5(average: float) -> None:
    with pytest.raises(InvalidInputError):
        ask(Question(where=SearchFilter(min_average=average)))


def test_a_facet_that_was_counted_wider_is_cut_and_says_so() -> None:
    counts = {FacetField.TAG: FacetCounts((("a", 5), ("b", 4), ("c", 3), ("d", 0)), is_truncated=False)}
    facet = read_facet(counts, FacetField.TAG, SearchFilter(tags=("d",)), 2)
    assert [(one.value, one.is_selected) for one in facet.values] == [("a", False), ("b", False), ("d", True)]
    assert facet.is_truncated
    assert not read_facet(counts, FacetField.TAG, SearchFilter(), 4).is_truncated


@pytest.mark.parametrize(("average", "selected"), [(None, []), (4.0, ["4"]), (3.5, []), (1.0, ["1"])])
def test_a_band_is_selected_by_its_lower_bound(average: float | None, selected: list[str]) -> None:
    counts = {FacetField.RATING: FacetCounts(tuple((band, 1) for band in ("1", "2", "3", "4", "unrated")))}
    facet = read_facet(counts, FacetField.RATING, SearchFilter(min_average=average), 20)
    assert [one.value for one in facet.values if one.is_selected] == selected

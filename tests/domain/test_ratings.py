import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.ratings import RatingSummary, wilson_lower_bound

counts = st.integers(0, 1_000)
summaries = st.builds(RatingSummary, st.tuples(counts, counts, counts, counts, counts))


def test_without_ratings_there_is_no_average_and_the_bound_is_0() -> None:
    assert (RatingSummary().count, RatingSummary().average, RatingSummary().wilson) == (0, None, 0.0)


def test_count_sum_and_average_follow_from_the_histogram() -> None:
    summary = RatingSummary((1, 0, 0, 0, 3))
    assert (summary.count, summary.sum, summary.average) == (4, 16, 4.0)


@pytest.mark.parametrize(
    ("share", "count", "bound"),
    [(0.5, 10, 0.236593), (0.9, 100, 0.825634), (1.0, 1, 0.206549), (0.0, 50, 0.0), (0.8, 10, 0.490162)],
)
def test_the_bound_is_wilsons_at_95_percent(share: float, count: int, bound: float) -> None:
    # By hand from the formula of Wilson (1927) with z = 1.959964.
    assert wilson_lower_bound(share, count) == pytest.approx(bound, abs=1e-6)


def test_one_five_star_vote_does_not_win_over_many_good_ones() -> None:
    assert RatingSummary((0, 0, 0, 0, 1)).wilson < RatingSummary((0, 0, 5, 45, 50)).wilson


@given(summaries)
def test_the_bound_lies_between_0_and_the_share(summary: RatingSummary) -> None:
    assert 0 <= summary.wilson <= 1
    if summary.average is not None:
        assert summary.wilson <= (summary.average - 1) / 4 + 1e-12


@given(summaries, st.integers(1, 5))
def test_a_rating_added_and_taken_away_leaves_the_summary(summary: RatingSummary, score: int) -> None:
    assert summary.plus(score).count == summary.count + 1
    assert summary.plus(score).sum == summary.sum + score
    assert summary.plus(score).plus(score, by=-1) == summary

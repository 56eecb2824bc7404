from hypothesis import given
from hypothesis import strategies as st

from graph.domain.quotas import Quota

QUOTA = Quota("key", size=10, window=60.0)


def test_a_new_bucket_is_full_and_a_whole_window_fills_an_empty_one() -> None:
    emptied = QUOTA.take(None, 100.0, 10)
    assert (emptied.wait, QUOTA.remaining(emptied)) == (None, 0)
    assert QUOTA.remaining(QUOTA.take(100.0 + emptied.full_in, 160.0, 0)) == 10


def test_a_refusal_takes_nothing_and_tells_how_long_to_wait() -> None:
    emptied = QUOTA.take(None, 100.0, 10)
    refused = QUOTA.take(100.0 + emptied.full_in, 100.0, 2)
    assert refused.wait is not None
    assert abs(refused.wait - 12) < 1e-3
    assert refused.full_in == emptied.full_in
    assert QUOTA.take(100.0 + refused.full_in, 100.0 + refused.wait, 2).wait is None


def test_a_full_bucket_lets_through_what_is_larger_than_itself() -> None:
    assert QUOTA.take(None, 0.0, 1_000).wait is None
    assert QUOTA.take(6.0, 0.0, 1_000).wait is not None


def test_giving_back_never_overfills() -> None:
    assert QUOTA.remaining(QUOTA.take(None, 5.0, -3)) == 10


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 12)), max_size=60))
def test_no_stretch_of_time_gives_more_than_a_bucket_and_its_refill(asked: list[tuple[float, int]]) -> None:
    now, full_at, taken = 0.0, None, 0
    for pause, units in asked:
        now += pause
        taking = QUOTA.take(full_at, now, units)
        full_at = now + taking.full_in
        taken += min(units, 10) if taking.wait is None else 0
        assert taken <= 10 + now / QUOTA.unit_seconds + 1e-3

"""Times are written the same way always and read strictly; JSON objects pass unchanged."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from graph.schema.scalars import read_datetime, read_object, write_datetime


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    assert write_datetime(datetime(2026, 8, 1, 12, tzinfo=UTC)) == "2026-08-01T12:00:00.000Z"
    berlin = timezone(timedelta(hours=2))
    assert write_datetime(datetime(2026, 8, 1, 12, 0, 0, 7000, berlin)) == "2026-08-01T10:00:00.007Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_read_back_to_the_millisecond(instant: datetime) -> None:
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert read_datetime(write_datetime(whole)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2026-08-01", "2026-08-01T12:00:00", 7, None, "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_what_is_no_instant_with_an_offset_is_refused(text: object) -> None:
    with pytest.raises(GraphQLError):
        read_datetime(text)


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="JSON object"):
        read_object(value)

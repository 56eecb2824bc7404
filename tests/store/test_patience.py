"""Who waits for the store is told of an outage once, and gives up when it is asked to."""

import pytest
from structlog.testing import capture_logs

from graph.domain.outages import StoreUnavailableError
from graph.store.patience import Patience


async def test_each_answer_makes_the_patience_whole_again_and_it_is_told_once_in_between() -> None:
    patience, asked = Patience(60), 0

    async def answer_each_third_time() -> int:
        nonlocal asked
        asked += 1
        if asked % 3:
            raise StoreUnavailableError
        return asked

    with capture_logs() as lines:
        assert [await patience.insist(answer_each_third_time) for _ in range(2)] == [3, 6]
    assert len(lines) == 2


async def test_other_errors_are_not_tried_again() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await Patience(60).insist(fail)

"""Which of two tellings of how far the index has come is believed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bson.timestamp import Timestamp

from search_sync.checkpoint import Checkpoint, checkpoint_from_mark, choose_checkpoint

TOLD = Checkpoint({"_data": "82"}, "print", Timestamp(7, 1), datetime(2026, 1, 1, tzinfo=UTC), "build", 7)


def test_a_mark_is_read_as_it_was_written() -> None:
    assert checkpoint_from_mark(TOLD.to_mark()) == TOLD
    bare = Checkpoint({}, "", None, None)
    assert checkpoint_from_mark(bare.to_mark()) == bare


@pytest.mark.parametrize("mark", [None, "", "no mark", "[]", "7", "{}", '{"token": {}}', '{"token": {"$date": "x"}}'])
def test_what_is_no_mark_is_none(mark: str | None) -> None:
    assert checkpoint_from_mark(mark) is None


@pytest.mark.parametrize(
    ("held", "token", "number"),
    [
        (TOLD, "82", 7),
        (replace(TOLD, token={"_data": "83"}), "82", 7),  # only the token has moved since: nothing was written
        (replace(TOLD, token={"_data": "83"}, number=8), "82", 8),  # killed between the two
        (replace(TOLD, token={"_data": "81"}, number=6), "81", 7),  # an older copy
    ],
)
def test_what_is_behind_goes_on_from_its_own_place(held: Checkpoint, token: str, number: int) -> None:
    chosen = choose_checkpoint(TOLD, held, "print")
    assert chosen
    assert (chosen.token["_data"], chosen.number) == (token, number)


@pytest.mark.parametrize(
    ("told", "held"),
    [
        (None, TOLD),
        (TOLD, None),
        (TOLD, replace(TOLD, number=9)),  # MongoDB was put back
        (TOLD, replace(TOLD, lineage="another")),
        (TOLD, replace(TOLD, fingerprint="another")),
        (replace(TOLD, fingerprint="another"), TOLD),
    ],
)
def test_what_does_not_belong_together_is_not_gone_on_from(told: Checkpoint | None, held: Checkpoint | None) -> None:
    assert choose_checkpoint(told, held, "print") is None

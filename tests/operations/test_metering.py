"""What a run took is read off whatever the provider says."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from graph.domain.runs import Tokens
from graph.operations.metering import Meter


def meter() -> Meter:
    return Meter(lambda: datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 11, "completion_tokens": 3}, Tokens(11, 3)),
        ({"input_tokens": 11, "output_tokens": 3}, Tokens(11, 3)),
        ({"prompt_tokens": 11.0, "completion_tokens": 3.2}, Tokens(11, 3)),
        ({"prompt_tokens": -1, "completion_tokens": 3}, Tokens(0, 3)),
        ({"prompt_tokens": "11", "completion_tokens": None}, Tokens(0, 0)),
        ({"prompt_tokens": True, "completion_tokens": 2**31}, Tokens(0, 0)),
        ({"prompt_tokens": float("nan"), "completion_tokens": float("inf")}, Tokens(0, 0)),
        ({"prompt_tokens": [11]}, Tokens(0, 0)),
        ("many", Tokens(0, 0)),
        ([11], Tokens(0, 0)),
    ],
)
def test_a_count_is_taken_where_it_is_one(usage: Any, tokens: Tokens) -> None:
    one = meter()
    assert one.see_body(json.dumps({"usage": usage}).encode())
    assert one.read().tokens == tokens


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"5", b"[" * 100_000])
def test_what_is_no_object_is_told(body: bytes) -> None:
    assert not meter().see_body(body)

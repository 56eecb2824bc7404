"""What a run took is read off whatever the provider says."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from graph.domain.runs import Outcome, Tokens
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


def chunk(delta: Any, **more: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": delta, "index": 0}], **more}).encode() + b"\n\n"


@pytest.mark.parametrize(
    ("event", "is_token"),
    [
        (chunk({"role": "assistant", "content": ""}), False),
        (chunk({"role": "assistant"}), False),
        (chunk({"role": "assistant", "content": None}, usage=None), False),
        (chunk({}), False),
        (chunk({"content": "a"}), True),
        (chunk({"role": "assistant", "tool_calls": [{"index": 0}]}), True),
        (chunk({"reasoning_content": "a"}), True),
        (b'event: x\ndata: {"type":"response.output_text.delta","delta":"a"}\n\n', True),
        (b'event: x\ndata: {"type":"response.output_text.delta","delta":""}\n\n', False),
        (b'data: {"type":"response.created","response":{"status":"in_progress"}}\n\n', False),
        (b"data: [DONE]\n\n", False),
    ],
)
def test_the_first_token_is_the_first_that_says_something(event: bytes, is_token: bool) -> None:
    one = meter()
    assert not one.see_event(event)
    assert (one.read().first_token_milliseconds is not None) is is_token


@pytest.mark.parametrize(
    ("event", "has_failed"),
    [
        (b'data: {"error": {"message": "Overloaded."}}\n\n', True),
        (b'event: error\ndata: {"type": "error", "message": "Overloaded."}\n\n', True),
        (b'data: {"type":"response.failed","response":{"error":{"code":"server_error"}}}\n\n', True),
        (b'data: {"type":"response.completed","response":{"error" :  null}}\n\n', False),
        (chunk({"content": '"error": 5'}, error=None), False),
    ],
)
def test_a_stream_that_tells_of_an_error_has_failed(event: bytes, has_failed: bool) -> None:
    one = meter()
    one.see_event(event)
    assert (one.outcome(Outcome.DONE) is Outcome.FAILED) is has_failed


def test_an_answer_that_is_an_error_has_failed() -> None:
    one = meter()
    assert one.see_body(b'{"error": {"message": "Overloaded."}}')
    assert one.outcome(Outcome.DONE) is Outcome.FAILED


@pytest.mark.parametrize(
    ("event", "is_last"),
    [
        (b"data: [DONE]\n\n", True),
        (b"data:[DONE]\r\n\r\n", True),
        (b'data: {"type":"response.completed","response":{"usage":{"input_tokens":1}}}\n\n', True),
        (b'data: {"type":"response.incomplete","response":{"usage":{"input_tokens":1}}}\n\n', True),
        (b'data: {"type":"response.created","response":{"usage":null}}\n\n', False),
        (chunk({"content": "[DONE]"}), False),
    ],
)
def test_who_hangs_up_after_the_last_event_has_had_it_all(event: bytes, is_last: bool) -> None:
    one = meter()
    one.see_event(event)
    assert one.outcome(Outcome.CANCELLED) is (Outcome.DONE if is_last else Outcome.CANCELLED)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"5", b"[" * 100_000])
def test_what_is_no_object_is_told(body: bytes) -> None:
    assert meter().see_body(body) is None

"""An answer is read as far as it can be; what is none is told as that."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.json_values import compact_json
from graph.domain.outages import UpstreamError
from graph.operations.answers import Said, read_answer

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def body(message: Any, **more: Any) -> bytes:
    return json.dumps({"model": "m", "choices": [{"finish_reason": "stop", "message": message}], **more}).encode()


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"content": "hi"}, Said("hi", (), "m", "stop")),
        ({"content": None, "tool_calls": [CALL, 5]}, Said("", (CALL,), "m", "stop")),
        ({"content": "hi", "tool_calls": 5}, Said("hi", (), "m", "stop")),
        ({"content": "hi", "tool_calls": {"a": 1}}, Said("hi", (), "m", "stop")),
        ({"content": [{"type": "text", "text": "a"}, "b", 5, {"text": 5}]}, Said("ab", (), "m", "stop")),
        ({"content": {"a": 1}}, Said("", (), "m", "stop")),
        ({"content": None, "refusal": "I will not."}, Said("I will not.", (), "m", "stop")),
        ({"content": "half: \ud83d"}, Said("half: \ufffd", (), "m", "stop")),
        ({}, Said("", (), "m", "stop")),
    ],
)
def test_a_message_is_read_as_far_as_it_can_be(message: Any, said: Said) -> None:
    assert read_answer(body(message)) == said


def test_a_model_and_a_reason_that_are_no_texts_are_none() -> None:
    odd = json.dumps({"model": {"id": "m"}, "choices": [{"finish_reason": 5, "message": {"content": "hi"}}]})
    assert read_answer(odd.encode()) == Said("hi", (), None, None)


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"<html>",
        b"[]",
        b"5",
        b"{}",
        b'{"choices": []}',
        b'{"choices": {"0": 1}}',
        b'{"choices": [5]}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": "hi"}]}',
        b"\xff",
        b"[" * 100_000,
        body({"tool_calls": [{"a": float("nan")}]}),
        body({"tool_calls": [{"a": 2**64}]}),
    ],
)
def test_what_is_no_answer_is_the_provider_s_fault(odd: bytes) -> None:
    with pytest.raises(UpstreamError, match="an answer that is none") as caught:
        read_answer(odd)
    assert (caught.value.status, caught.value.reason) == (502, "upstream_no_answer")


@given(JSON, JSON, JSON, JSON)
def test_whatever_it_is_it_is_read_or_refused(content: Any, calls: Any, reason: Any, model: Any) -> None:
    choice = {"finish_reason": reason, "message": {"content": content, "tool_calls": calls}}
    try:
        said = read_answer(json.dumps({"model": model, "choices": [choice]}).encode())
    except UpstreamError:
        return
    compact_json([said.text, said.tool_calls, said.model, said.finish_reason]).encode()

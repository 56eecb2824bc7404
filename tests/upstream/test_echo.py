"""`echo` says what it was told last, in the shapes of both endpoints."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from graph.upstream.echo import Echo
from graph.upstream.protocol import Call, Endpoint

ECHO = Echo(lambda: datetime(2026, 11, 21, tzinfo=UTC), lambda: "id")
PARTS = [{"type": "text", "text": "two "}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "words"}]


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([{"role": "system", "content": "a"}, {"role": "user", "content": "b  c\n"}], "b  c\n"),
        ([{"role": "user", "content": PARTS}], "two words"),
        ([{"role": "assistant", "content": None}], ""),
        ([5], ""),
        ("text", "text"),
        (None, ""),
    ],
)
async def test_whatever_it_is_told_it_says_again_whole_and_in_words(messages: Any, text: str) -> None:
    answer = await ECHO.send(Call(Endpoint.CHAT, {"messages": messages}))
    assert json.loads(await answer.read())["choices"][0]["message"]["content"] == text
    answer = await ECHO.send(Call(Endpoint.CHAT, {"messages": messages, "stream": True}))
    events = [event async for event in answer.chunks()]
    assert answer.is_streaming
    deltas = [json.loads(event[6:])["choices"][0]["delta"] for event in events[:-1]]
    assert "".join(delta.get("content", "") for delta in deltas) == text
    assert events[-1] == b"data: [DONE]\n\n"


async def test_it_counts_words_when_it_is_asked_to() -> None:
    body = {"messages": [{"content": "a b"}], "stream": True, "stream_options": {"include_usage": True}}
    answer = await ECHO.send(Call(Endpoint.CHAT, body))
    events = [event async for event in answer.chunks()]
    assert json.loads(events[-2][6:])["usage"]["total_tokens"] == 4

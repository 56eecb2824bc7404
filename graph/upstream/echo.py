"""`echo`: a model that says what it was told, so that everything can be tried without a provider and its key.

It answers with the last message, word by word when streaming, and counts words as tokens.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

from graph.domain.json_values import JSONObject, compact_json
from graph.upstream.protocol import Answer, Call, Endpoint

ECHO = "echo"
_WORD = re.compile(r"\s*\S+\s*")


class EchoAnswer:
    """An answer that is all there."""

    def __init__(self, body: JSONObject | None, events: Sequence[bytes]) -> None:
        self._body = body
        self._events = events

    @property
    def is_streaming(self) -> bool:
        """True for server-sent events."""
        return self._body is None

    async def read(self) -> bytes:
        """The whole body."""
        return compact_json(self._body).encode()

    async def chunks(self) -> AsyncIterator[bytes]:
        """One event at a time."""
        for event in self._events:
            yield event

    def close(self) -> None:
        """There is nothing to end."""


class Echo:
    """The built-in model. `clock` and `ids` make its answers' times and ids."""

    def __init__(self, clock: Callable[[], datetime], ids: Callable[[], str]) -> None:
        self._clock = clock
        self._ids = ids

    async def send(self, call: Call) -> Answer:
        """The last message, given back."""
        seconds, identity = int(self._clock().timestamp()), self._ids()
        streams = call.body.get("stream") is True
        if call.endpoint is Endpoint.CHAT:
            said = _said(call.body.get("messages"))
            answer = _chat(said, f"chatcmpl-{identity}", seconds)
            return EchoAnswer(None, _chat_events(answer, call.body)) if streams else EchoAnswer(answer, ())
        said = _said(call.body.get("input"))
        answer = _response(said, identity, seconds)
        return EchoAnswer(None, _response_events(answer)) if streams else EchoAnswer(answer, ())

    async def list_models(self) -> Sequence[JSONObject]:
        """Itself."""
        return [{"id": ECHO, "object": "model", "created": 0, "owned_by": "promptgraph"}]


def _said(messages: object) -> tuple[str, int]:
    """The text of the last message, and how many words there are in all."""
    if isinstance(messages, str):
        return messages, _count(messages)
    texts = (
        [_text(one.get("content")) for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    )
    return (texts[-1] if texts else ""), sum(map(_count, texts))


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def _count(text: str) -> int:
    return len(text.split())


def _chat(said: tuple[str, int], identity: str, seconds: int) -> JSONObject:
    text, asked = said
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": identity,
        "object": "chat.completion",
        "created": seconds,
        "model": ECHO,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": asked,
            "completion_tokens": _count(text),
            "total_tokens": asked + _count(text),
        },
    }


def _chat_events(answer: JSONObject, body: JSONObject) -> list[bytes]:
    text = answer["choices"][0]["message"]["content"]
    chunk = {key: answer[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}

    def choice(delta: JSONObject, finish: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        return _event({**chunk, "choices": choices})

    options = body.get("stream_options")
    counts = isinstance(options, dict) and options.get("include_usage") is True
    return [
        choice({"role": "assistant", "content": ""}),
        *[choice({"content": word}) for word in _words(text)],
        choice({}, "stop"),
        *([_event({**chunk, "choices": [], "usage": answer["usage"]})] if counts else []),
        b"data: [DONE]\n\n",
    ]


def _words(text: str) -> list[str]:
    return _WORD.findall(text) or ([text] if text else [])


def _response(said: tuple[str, int], identity: str, seconds: int) -> JSONObject:
    text, asked = said
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    item = {"type": "message", "id": f"msg_{identity}", "status": "completed", "role": "assistant", "content": [part]}
    usage = {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": _count(text),
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + _count(text),
    }
    return {
        "id": f"resp_{identity}",
        "object": "response",
        "created_at": seconds,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": ECHO,
        "output": [item],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "usage": usage,
    }


def _response_events(answer: JSONObject) -> list[bytes]:
    item = answer["output"][0]
    part = item["content"][0]
    begun = {**answer, "status": "in_progress", "output": [], "usage": None}
    at = {"output_index": 0, "item_id": item["id"], "content_index": 0}
    told: list[tuple[str, JSONObject]] = [
        ("response.created", {"response": begun}),
        ("response.in_progress", {"response": begun}),
        ("response.output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress", "content": []}}),
        ("response.content_part.added", {**at, "part": {**part, "text": ""}}),
        *[("response.output_text.delta", {**at, "delta": word, "logprobs": []}) for word in _words(part["text"])],
        ("response.output_text.done", {**at, "text": part["text"], "logprobs": []}),
        ("response.content_part.done", {**at, "part": part}),
        ("response.output_item.done", {"output_index": 0, "item": item}),
        ("response.completed", {"response": answer}),
    ]
    return [
        _event({"type": kind, "sequence_number": number, **facts}, kind) for number, (kind, facts) in enumerate(told)
    ]


def _event(data: Any, kind: str | None = None) -> bytes:
    named = f"event: {kind}\n" if kind else ""
    return f"{named}data: {compact_json(data)}\n\n".encode()

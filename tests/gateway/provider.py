"""A stand-in for a provider of models: it speaks OpenAI's wire, and each model fails in a way of its own."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

KEY = "sk-secret-of-the-provider"
WORDS = ("Hello ", "there, ", "you.")
MODELS = b'{"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "them"}]}'
USAGE = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}


class StandIn:
    """What it was asked, newest last. `is_cancelled` is set when a caller leaves before its answer has ended.

    `says` is what it answers, whatever it is asked: JSON, or events where they begin with `data:`; `compresses` when it
    packs that whether it may or not.
    """

    def __init__(self) -> None:
        self.url = ""
        self.forget()

    def forget(self) -> None:
        """As new."""
        self.seen: list[dict[str, Any]] = []
        self.says: bytes | None = None
        self.lists: bytes | None = MODELS
        self.compresses = False
        self.authorizations: list[str | None] = []
        self.is_asked = asyncio.Event()
        self.is_cancelled = asyncio.Event()
        self.may_go_on = asyncio.Event()

    @property
    def last(self) -> dict[str, Any]:
        """The newest body."""
        return self.seen[-1]

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.seen.append(body)
        self.is_asked.set()
        self.authorizations.append(request.headers.get("Authorization"))
        if refusal := _REFUSALS.get(body["model"]):
            status, answer, headers = refusal
            return web.Response(status=status, text=answer, headers=headers)
        if self.says is not None:
            kind = "text/event-stream" if self.says.startswith(b"data:") else "application/json"
            packed = gzip.compress(self.says) if self.compresses else self.says
            coding = {"Content-Encoding": "gzip"} if self.compresses else None
            return web.Response(body=packed, content_type=kind, headers=coding)
        try:
            if body["model"] == "hangs":
                await self.may_go_on.wait()
            if body["model"] == "drips":
                return await _drip(request)
            if not body.get("stream"):
                return web.json_response(_chat(body) if "messages" in body else _response(body))
            return await self._stream(request, body)
        except (asyncio.CancelledError, ConnectionError):
            self.is_cancelled.set()
            raise

    async def _stream(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        events = _chat_events(body) if "messages" in body else _response_events(body)
        await response.write(events[0])
        if body["model"] == "pauses":
            await self.may_go_on.wait()
        while body["model"] == "floods":
            await response.write(b": " + b"x" * 65_536 + b"\n\n")
        for event in events[1:3]:
            await response.write(event)
        if body["model"] == "lingers":
            await response.write(b"".join(events[3:]))
            await self.may_go_on.wait()
        if body["model"] == "breaks":
            assert request.transport
            request.transport.abort()
            return response
        # Wherever the bytes are parted, events are whole again at the other end.
        rest = b"".join(events[3:])
        for start in range(0, len(rest), 37):
            await response.write(rest[start : start + 37])
        return response

    async def models(self, request: web.Request) -> web.Response:
        if self.lists is None:
            return web.Response(status=404, text="404 page not found")
        return web.Response(body=self.lists, content_type="application/json")


async def _drip(request: web.Request) -> web.StreamResponse:
    """An answer that never comes, of which a byte comes now and then: silence does not end it, only leaving does."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.1)


def _error(message: str, code: str | None = None, param: str | None = None, kind: str = "some_error") -> str:
    return json.dumps({"error": {"message": message, "type": kind, "code": code, "param": param}})


_REFUSALS: dict[str, tuple[int, str, dict[str, str]]] = {
    "limited": (429, _error("Slow down.", "rate_limit_exceeded", kind="requests"), {"Retry-After": "7"}),
    "unknown": (404, _error("No such model.", "model_not_found", "model", "invalid_request_error"), {}),
    "picky": (400, _error(f"Bad value; key {KEY}, sk-0therSecretKey.", None, "temperature"), {}),
    "locked": (401, _error(f"Incorrect API key provided: {KEY}."), {}),
    "down": (503, "<html>nginx at 10.0.0.7</html>", {"Retry-After": "3"}),
    "page": (503, "<html>nginx at 10.0.0.7</html>", {"Retry-After": "3"}),
    "moved": (302, "", {"Location": "http://127.0.0.1:1/elsewhere"}),
}


def _chat(body: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(WORDS), "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": USAGE,
    }


def _chat_events(body: dict[str, Any]) -> list[bytes]:
    def chunk(choices: list[Any], **more: Any) -> bytes:
        facts = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"], "choices": choices}
        return b"data: " + json.dumps(facts | more).encode() + b"\n\n"

    def choice(delta: dict[str, Any], finish: str | None = None) -> list[Any]:
        return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]

    options = body.get("stream_options") or {}
    counted = [chunk([], usage=USAGE)] if options.get("include_usage") else []
    words = [chunk(choice({"content": word}), usage=None) for word in WORDS]
    first = chunk(choice({"role": "assistant", "content": ""}))
    return [first, *words, chunk(choice({}, "stop")), *counted, b"data: [DONE]\n\n"]


def _response(body: dict[str, Any]) -> dict[str, Any]:
    part = {"type": "output_text", "text": "".join(WORDS), "annotations": []}
    item = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [part]}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": body["model"],
        "output": [item],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 11,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 3,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 14,
        },
    }


def _response_events(body: dict[str, Any]) -> list[bytes]:
    whole = _response(body)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    (item,) = whole["output"]
    (part,) = item["content"]
    told: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": begun}),
        ("response.output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress", "content": []}}),
        ("response.content_part.added", {**at, "part": {**part, "text": ""}}),
        *[("response.output_text.delta", {**at, "delta": word, "logprobs": []}) for word in WORDS],
        ("response.output_item.done", {"output_index": 0, "item": item}),
        ("response.completed", {"response": whole}),
    ]
    return [
        f"event: {kind}\r\ndata: {json.dumps({'type': kind, 'sequence_number': number, **facts})}\r\n\r\n".encode()
        for number, (kind, facts) in enumerate(told)
    ]


@asynccontextmanager
async def stand_in_provider() -> AsyncIterator[StandIn]:
    """A running one."""
    stand_in = StandIn()
    app = web.Application()
    app.add_routes(
        [
            web.post("/api/chat/completions", stand_in.complete),
            web.post("/api/responses", stand_in.complete),
            web.get("/api/models", stand_in.models),
        ]
    )
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
        yield stand_in
    finally:
        stand_in.may_go_on.set()
        await runner.cleanup()

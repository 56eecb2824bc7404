"""A stand-in for a provider of models, and a bare proxy before it: what the gateway is measured against."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

UPSTREAM = "PROMPTGRAPH_UPSTREAM_URL"
PATH = "/chat/completions"
PAUSE_SECONDS = 0.25
EVENTS = 20

_TEXT = "An answer of some length, as models like to give them. " * 10
_USAGE = {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 300}
_CHOICE = {"index": 0, "message": {"role": "assistant", "content": _TEXT}, "logprobs": None, "finish_reason": "stop"}
_ANSWER = json.dumps(
    {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [_CHOICE], "usage": _USAGE}
).encode()
_DELTA = {"choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]}
_EVENT = f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'model': 'm', **_DELTA})}\n\n".encode()


def stand_in() -> web.Application:
    """Answers at once; streams one event at once, and the others after a pause."""

    async def complete(request: web.Request) -> web.StreamResponse:
        if not json.loads(await request.read()).get("stream"):
            return web.Response(body=_ANSWER, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(_EVENT)
        await asyncio.sleep(PAUSE_SECONDS)
        for _ in range(EVENTS):
            await response.write(_EVENT)
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application(client_max_size=1 << 24)
    app.add_routes([web.post(PATH, complete)])
    return app


def bare_proxy(url: str) -> web.Application:
    """Reads the request, sends it on, and writes what comes."""
    session = web.AppKey("session", aiohttp.ClientSession)

    async def connect(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as app[session]:
            yield

    async def forward(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {"Content-Type": "application/json"}
        async with request.app[session].post(url + PATH, data=body, headers=headers) as answer:
            if answer.content_type != "text/event-stream":
                return web.Response(body=await answer.read(), content_type=answer.content_type)
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            return response

    app = web.Application(client_max_size=1 << 24)
    app.add_routes([web.post("/v1" + PATH, forward)])
    app.cleanup_ctx.append(connect)
    return app

"""A model's answer as it comes, passed on to the caller: for the gateway, and for whoever else asks a model."""

from collections.abc import Mapping
from contextlib import aclosing, suppress

from aiohttp import web

from graph.http.connected import write_within
from graph.http.openai_errors import ToldError
from graph.operations.gateway import Run

CLIENT_CLOSED_REQUEST = 499
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # proxies in between are asked not to hold back what comes
}


async def begin_stream(request: web.Request, headers: Mapping[str, str]) -> web.StreamResponse:
    """The stream, with these headers beside its own."""
    stream = web.StreamResponse(headers={**HEADERS, **headers})
    await stream.prepare(request)
    return stream


async def pass_on(run: Run, stream: web.StreamResponse, request: web.Request, seconds: float) -> None:
    """Each piece as soon as it is there; it is taken within `seconds`. Raises UpstreamError and CallerGoneError."""
    async with aclosing(run.chunks()) as chunks:
        async for chunk in chunks:
            await write_within(request, stream, chunk, seconds)


async def break_off(stream: web.StreamResponse, told: ToldError) -> web.StreamResponse:
    """The status is told already, so what went wrong is the last event."""
    with suppress(ConnectionError):
        await stream.write(told.event())
        await stream.write_eof()
    return stream


def gone(stream: web.StreamResponse | None) -> web.StreamResponse:
    """What is left for a caller who has left, and for the log."""
    return stream or web.Response(status=CLIENT_CLOSED_REQUEST)

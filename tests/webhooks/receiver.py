"""A partner's server on loopback, which remembers what it was sent and answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from search_sync.tasks import end_task

Answer = Callable[["Delivered"], Awaitable[int | web.StreamResponse] | int]


@dataclass(frozen=True, slots=True)
class Delivered:
    """One request as it came."""

    body: bytes
    headers: dict[str, str]
    json: Any


@dataclass(slots=True)
class Receiver:
    """`answer` decides the status of each delivery; by default 204."""

    port: int = 0
    received: list[Delivered] = field(default_factory=list)
    answer: Answer = lambda delivered: 204
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def names(self) -> list[str]:
        """The prompts that it was told of, in order."""
        return [delivered.json["data"].get("name") for delivered in self.received]

    async def wait_for(self, count: int, seconds: float = 20.0) -> list[Delivered]:
        """What has come, once it is that many."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)
        return list(self.received)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivered = Delivered(body, headers, await request.json())
        decided = self.answer(delivered)
        answer = await decided if isinstance(decided, Awaitable) else decided
        async with self.arrived:
            self.received.append(delivered)
            self.arrived.notify_all()
        return web.Response(status=answer) if isinstance(answer, int) else answer


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """A receiver that listens on loopback, on a free port when none is given."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        receiver.port = runner.addresses[0][1]
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def speaking(talk: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """The URL of a server that speaks no HTTP of its own accord: `talk` writes what it likes, until this is left."""
    talks: set[asyncio.Future[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(talking := asyncio.ensure_future(talk(writer)))
        try:
            await asyncio.wait([talking])
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    for talking in talks:
        await end_task(talking)

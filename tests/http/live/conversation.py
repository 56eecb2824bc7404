"""A toy server to talk with over its open connections."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, ClientWebSocketResponse, WSMsgType, web

from graph.domain.limits import LiveLimits
from graph.http.live.faces import LIVE, LiveFaces
from tests.http.toy import BOARD, Board, Client, make_app, serve

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Toy:
    """A running server, seen from outside and from inside."""

    client: Client
    app: web.Application

    @property
    def board(self) -> Board:
        return self.app[BOARD]

    @property
    def live(self) -> LiveFaces:
        return self.app[LIVE]

    async def connect(self, **given: Any) -> "Talk":
        """A socket; nothing is said on it."""
        return Talk(await self.client.ws_connect("/graphql", **{"protocols": [PROTOCOL], **given}))

    async def begin(self, payload: dict[str, Any] | None = None, **given: Any) -> "Talk":
        """A socket that is acknowledged."""
        talk = await self.connect(**given)
        await talk.say("connection_init", payload=payload)
        assert await talk.hear() == {"type": "connection_ack"}
        return talk

    async def stream(self, query: str, headers: dict[str, str] | None = None, **more: Any) -> "Events":
        """A stream of events."""
        given = {"Accept": "text/event-stream", **(headers or {})}
        response = await self.client.post("/graphql", json={"query": query, **more}, headers=given)
        assert response.content_type == "text/event-stream", await response.text()
        return Events(response)


@dataclass(frozen=True)
class Talk:
    """A client's end of a socket."""

    socket: ClientWebSocketResponse

    async def say(self, kind: str, **more: Any) -> None:
        await self.socket.send_json(
            {"type": kind, **{name: value for name, value in more.items() if value is not None}}
        )

    async def subscribe(self, name: str, query: str, **more: Any) -> None:
        await self.say("subscribe", id=name, payload={"query": query, **more})

    async def hear(self) -> Any:
        frame = await self.socket.receive(PATIENCE_SECONDS)
        assert frame.type is WSMsgType.TEXT, frame
        return json.loads(frame.data)

    async def hear_close(self) -> tuple[int | None, str]:
        """The code and the reason that the server closes with, whatever it says before."""
        while (frame := await self.socket.receive(PATIENCE_SECONDS)).type is WSMsgType.TEXT:
            pass
        return self.socket.close_code, frame.extra or ""


@dataclass(frozen=True)
class Events:
    """A client's end of a stream of events."""

    response: ClientResponse

    async def hear(self) -> dict[str, str]:
        """The fields of the next event; a comment is a field without a name."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            block = (await self.response.content.readuntil(b"\n\n")).decode()
        return dict(_field(line) for line in block.splitlines() if line)


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")


@asynccontextmanager
async def toy_server(**bounds: int) -> AsyncIterator[Toy]:
    """A server of the test's own, with these of the bounds."""
    app = make_app(live_limits=LiveLimits(**bounds))
    async with serve(app) as client:
        yield Toy(client, app)


async def until(condition: Any) -> None:
    """Returns as soon as the condition holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)

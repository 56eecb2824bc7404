"""Follows the feed in a process of its own, so that it can be killed: python -m tests.e2e.follower ROAD PLACE.

In the directory PLACE, `url` says where the server is now. Each event that was acted on is a line in `seen`, and the
last line has the cursor from which to go on, after whatever end.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp

PAUSE_SECONDS = 0.05
SILENCE_SECONDS = 30.0
PASSING = {"STORE_UNAVAILABLE", "UNAVAILABLE", "TOO_MANY_CONNECTIONS"}
QUERY = """subscription($after: String) {
  promptEvents(after: $after) { __typename cursor ... on PromptEvent { kind promptId isInScope } } }"""

Told = dict[str, Any]
Messages = AsyncGenerator[Told]


class RefusedError(Exception):
    """The server has said why it tells no more."""


class Seen:
    """What was acted on. A line that was cut off by the end of its writer was not."""

    def __init__(self, path: Path) -> None:
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        if lines and not lines[-1].endswith(b"\n"):
            os.truncate(path, sum(map(len, lines[:-1])))
            lines.pop()
        self.after: str | None = json.loads(lines[-1])["cursor"] if lines else None
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def act(self, told: Told) -> None:
        """Writes it down."""
        os.write(self._file, json.dumps(told).encode() + b"\n")
        self.after = told.get("cursor", self.after)


async def by_events(session: aiohttp.ClientSession, after: str | None) -> Messages:
    """GraphQL over server-sent events."""
    body = {"query": QUERY, "variables": {"after": after}}
    async with session.post("/graphql", json=body, headers={"Accept": "text/event-stream"}) as response:
        while True:
            block = (await response.content.readuntil(b"\n\n")).decode()
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "data" in fields:
                yield read(json.loads(fields["data"]))


async def by_socket(session: aiohttp.ClientSession, after: str | None) -> Messages:
    """GraphQL over WebSocket."""
    async with session.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init"})
        payload = {"query": QUERY, "variables": {"after": after}}
        async for frame in socket:
            said = frame.json()
            if said["type"] == "connection_ack":
                await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
            elif said["type"] == "next":
                yield read(said["payload"])
            elif said["type"] == "error":
                read({"errors": said["payload"]})


async def by_polls(session: aiohttp.ClientSession, after: str | None) -> Messages:
    """`GET /watch`, again and again."""
    while True:
        async with session.get("/watch", params={"after": after, "wait": "5"} if after else {}) as response:
            told = await response.json()
        if "errors" in told:
            read(told)
        for change in told["changes"]:
            yield {
                "__typename": "Change",
                **{name: change[name] for name in ("cursor", "kind", "promptId", "isInScope")},
            }
        after = told["cursor"]
        yield {"__typename": "StreamCheckpoint", "cursor": after}


ROADS = {"events": by_events, "socket": by_socket, "polls": by_polls}


def read(response: Told) -> Told:
    """The message in a response of GraphQL. Raises RefusedError."""
    if "errors" in response:
        raise RefusedError(response["errors"][0]["extensions"]["code"])
    told: Told = response["data"]["promptEvents"]
    return told


async def follow(road: str, place: Path) -> None:
    seen = Seen(place / "seen")
    timeout = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_SECONDS)
    while True:
        try:
            async with (
                aiohttp.ClientSession((place / "url").read_text(), timeout=timeout) as session,
                aclosing(ROADS[road](session, seen.after)) as messages,
            ):
                async for told in messages:
                    seen.act(told)
        except RefusedError as error:
            if str(error) not in PASSING:
                seen.act({"surprise": str(error)})
                raise
        except (aiohttp.ClientError, OSError, EOFError, TimeoutError):
            pass  # the server is away: it will be there again
        await asyncio.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    asyncio.run(follow(sys.argv[1], Path(sys.argv[2])))

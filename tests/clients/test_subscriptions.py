"""npm's `graphql-ws` and `graphql-sse`, and PyPI's `gql`, follow the product's events as their users would."""

import asyncio
import contextlib
import json
import os
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.http.live.test_product import Server, server

__all__ = ["server"]

CLIENTS = Path(__file__).parent
NODE = shutil.which("node")
QUERY = """
subscription($after: String) {
  promptEvents(after: $after) {__typename cursor ... on PromptEvent {kind prompt {name}}}
}
"""
needs_node = [
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
    pytest.mark.skipif(not (CLIENTS / "node_modules/graphql-sse").is_dir(), reason="needs `npm ci` in tests/clients"),
]


class Program:
    """A client in a process of its own; each line that it prints is a message."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        async with asyncio.timeout(30):
            line = await self.process.stdout.readline()
        assert line, "it has ended"
        told: dict[str, Any] = json.loads(line)
        return told

    async def hear_events(self, count: int) -> list[str]:
        """The names of the prompts that the next events tell of."""
        names: list[str] = []
        while len(names) < count:
            message = (await self.hear())["data"]["promptEvents"]
            if message["__typename"] != "StreamCheckpoint":
                names.append(message["prompt"]["name"])
        return names


def address(server: Server) -> str:
    assert server.client._base_url
    return str(server.client._base_url / "graphql")


@asynccontextmanager
async def running(script: str, server: Server, wanted: int, key: str, **environment: str) -> AsyncIterator[Program]:
    assert NODE
    url = address(server)
    process = await asyncio.create_subprocess_exec(
        NODE, script, url, QUERY, str(wanted), key, cwd=CLIENTS, stdout=PIPE, stderr=PIPE, env=os.environ | environment
    )
    try:
        yield Program(process)
        async with asyncio.timeout(30):
            await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class TestWithNode:
    pytestmark = needs_node

    async def test_graphql_ws_is_cut_off_comes_again_with_its_cursor_and_misses_nothing(self, server: Server) -> None:
        _, key = await server.make_key()
        async with running("graphql_ws.mjs", server, 4, key, CUT="2") as program:
            assert (await program.hear())["data"]["promptEvents"]["__typename"] == "StreamCheckpoint"
            await server.create("a", "b", "c", "d")
            assert await program.hear_events(4) == ["a", "b", "c", "d"]

    async def test_graphql_ws_is_told_that_its_key_is_not_good(self, server: Server) -> None:
        async with running("graphql_ws.mjs", server, 1, "pg_unknown") as program:
            assert (await program.hear())["error"] == 4403

    async def test_graphql_sse_follows(self, server: Server) -> None:
        _, key = await server.make_key()
        async with running("graphql_sse.mjs", server, 2, key) as program:
            assert (await program.hear())["data"]["promptEvents"]["__typename"] == "StreamCheckpoint"
            await server.create("a", "b")
            assert await program.hear_events(2) == ["a", "b"]

    async def test_graphql_sse_is_told_that_its_key_is_not_good(self, server: Server) -> None:
        async with running("graphql_sse.mjs", server, 1, "pg_unknown") as program:
            assert "401" in (await program.hear())["error"]


def transport(server: Server, key: str) -> WebsocketsTransport:
    url = address(server).replace("http", "ws")
    return WebsocketsTransport(
        url, init_payload={"Authorization": f"Bearer {key}"}, ping_interval=1, pong_timeout=20, answer_pings=True
    )


async def test_gql_follows_and_asks_on_the_same_socket(server: Server) -> None:
    _, key = await server.make_key()
    async with Client(transport=transport(server, key)) as session:
        told = session.subscribe(gql(QUERY))
        assert (await anext(told))["promptEvents"]["__typename"] == "StreamCheckpoint"
        await server.create("a", "b")
        assert [(await anext(told))["promptEvents"]["prompt"]["name"] for _ in range(2)] == ["a", "b"]
        assert (await session.execute(gql("{prompts {totalCount}}")))["prompts"] == {"totalCount": 2}
        await told.aclose()


async def test_gql_is_told_what_is_wrong(server: Server) -> None:
    _, key = await server.make_key()
    async with Client(transport=transport(server, key)) as session:
        with pytest.raises(TransportQueryError, match="This cursor"):
            await anext(session.subscribe(GraphQLRequest(QUERY, variable_values={"after": "forged"})))
    with pytest.raises(TransportConnectionFailed):
        async with Client(transport=transport(server, "pg_unknown")):
            pass

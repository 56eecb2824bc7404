"""When a write to Meilisearch counts as done, and what becomes of a server that does not answer."""

import asyncio

import pytest
from aiohttp.test_utils import BaseTestServer

from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.protocol import (
    Batch,
    IndexUnavailableError,
    Sight,
)
from tests.clock import awake_seconds
from tests.contracts.meilisearch_stand_in import StandIn
from tests.contracts.samples import ask, find, list_held, make_document
from tests.search_sync.index.conftest import open_at

ALL = Sight(everything=True)
DOCUMENTS = [make_document(f"{at:02}", tags=("x",)) for at in range(16)]


async def test_a_write_is_done_when_its_task_has_succeeded_and_not_before(
    server: BaseTestServer, stand_in: StandIn
) -> None:
    index = open_at(server)
    await index.write(Batch(documents=DOCUMENTS[:1]))
    stand_in.is_stuck = True
    write = asyncio.create_task(index.write(Batch(documents=DOCUMENTS[1:2])))
    await asyncio.sleep(0.3)
    assert not write.done()
    assert stand_in.tasks[-1]["type"] == "documentAdditionOrUpdate"
    stand_in.is_stuck = False
    assert await write == {}
    assert await find(index) == ["00", "01"]
    await index.close()


async def test_a_task_that_never_ends_is_told_as_unavailable(server: BaseTestServer, stand_in: StandIn) -> None:
    stand_in.is_stuck = True
    index = open_at(server, task_patience=0.2)
    with pytest.raises(IndexUnavailableError, match=r"not done a task in 0\.2 seconds"):
        await index.write(Batch(documents=DOCUMENTS[:1]))
    await index.close()


async def test_a_server_that_is_down_is_told_at_once(server: BaseTestServer) -> None:
    index = open_at(server)
    await server.close()
    started = awake_seconds()
    for asking in (ask(index), index.similar("a", ALL, 3), index.revisions(["a"]), index.fingerprint()):
        with pytest.raises(IndexUnavailableError, match="out of reach"):
            await asking
    with pytest.raises(IndexUnavailableError):
        await index.write(Batch(documents=DOCUMENTS))
    with pytest.raises(IndexUnavailableError):
        await list_held(index)
    assert awake_seconds() - started < 2
    await index.close()


async def test_a_server_that_hangs_is_told_within_the_patience() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    index = MeilisearchIndex(f"http://127.0.0.1:{port}", None, "p", patience=0.3, task_patience=0.3)
    async with asyncio.timeout(10):
        with pytest.raises(IndexUnavailableError):
            await ask(index)
    await index.close()
    listener.close()


async def test_a_server_that_talks_nonsense_is_unavailable() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    index = MeilisearchIndex(f"http://127.0.0.1:{port}", None, "p", patience=1.0)
    with pytest.raises(IndexUnavailableError, match="did not answer as it should"):
        await ask(index)
    await index.close()
    listener.close()

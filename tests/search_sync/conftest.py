"""A registry, an index and workers on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.freshness import FreshnessReader
from search_sync.index.protocol import SearchIndex
from search_sync.lease import Lease, Told
from search_sync.projection import project
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.worker import Worker
from tests.fixtures import deps, records, store  # noqa: F401  # fixtures
from tests.search_sync.plain_index import PlainIndex

Document = dict[str, Any]
Start = Callable[..., AbstractAsyncContextManager[Worker]]

QUICK = SyncSettings(
    lease_seconds=5.0,
    beat_seconds=0.05,
    await_ms=50,
    backoff_seconds=0.02,
    backoff_most_seconds=0.1,
    order_seconds=0.05,
    store_seconds=5.0,
)


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Returns when it is true, or what it awaits is."""
    async with asyncio.timeout(seconds):
        while True:
            result = condition()
            if await result if asyncio.iscoroutine(result) else result:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def client(mongodb_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[Document](mongodb_url) as opened:
        yield opened


@pytest.fixture
def database(client: AsyncMongoClient[Document], database_name: str) -> AsyncDatabase[Document]:
    return client[database_name]


@pytest.fixture
def index() -> PlainIndex:
    return PlainIndex()


@pytest.fixture
def start(client: AsyncMongoClient[Document], database_name: str, index: PlainIndex) -> Start:
    """Runs a worker: `async with start() as worker`."""

    @asynccontextmanager
    async def run(
        target: SearchIndex | None = None, settings: SyncSettings = QUICK, **facts: Any
    ) -> AsyncIterator[Worker]:
        worker = Worker(client, database_name, target or index, settings, **facts)
        async with running(worker):
            yield worker

    return run


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[Any]]:
    """The worker as a task, stopped cleanly."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def is_in_step(database: AsyncDatabase[Document], index: PlainIndex) -> bool:
    """Whether the index holds exactly what the store does."""
    source = PromptSource(database, 10)
    stored = {one["_id"]: project(one, QUICK.text_characters) for one in await source.page(None, 100_000)}
    return stored == index.documents


async def read_told(database: AsyncDatabase[Document]) -> Told:
    """What the worker has written down."""
    return await Lease(database, "index", "somebody", 5).read()


async def is_kept(database: AsyncDatabase[Document]) -> bool:
    """Whether the checkpoint is at the end of what the index has taken in."""
    told = await read_told(database)
    return bool(told.checkpoint and told.status and told.status.pending == 0 and told.status.indexed_at)


async def tells(reader: FreshnessReader, pending: int) -> bool:
    """A machine that stood still for a second knows nothing at first, and that is no fault."""
    async with asyncio.timeout(10):
        return (await reader.tell_anew(0.2)).pending_changes == pending

"""The search index of a process: opened, kept in step where that is this process's work, and told of.

With Meilisearch, workers run apart and every server only asks; standalone there is nobody else, so the server works
as well. An embedded index belongs to the process that has its directory open, and that one keeps it in step: servers
that share a database have one each. A second server on the same directory answers all but searches, and says so in
its log.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo.asynchronous.mongo_client import AsyncMongoClient
from pymongo.errors import PyMongoError

from graph.settings import Settings
from search_sync.commands import working
from search_sync.freshness import FreshnessReader
from search_sync.index.protocol import IndexUnavailableError, SearchIndex
from search_sync.lease import Lease
from search_sync.open_index import open_index, read_name
from search_sync.settings import SyncSettings
from search_sync.status import Status
from search_sync.worker import Worker

OPENING_TRIES = 6
OPENING_PAUSE_SECONDS = 0.5  # one that is being stopped lets go of the directory within three seconds
STATUS_SECONDS = 1.5

log = structlog.get_logger(__name__)

Client = AsyncMongoClient[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """What there is of it: None where there is none to be asked, or no worker in this process."""

    index: SearchIndex | None
    freshness: FreshnessReader | None
    worker: Worker | None
    lease: Lease

    async def read_status(self) -> Status | None:
        """What the worker tells of itself, wherever it runs; None when none is alive or nobody can say."""
        if self.worker is not None and self.worker.is_leading:
            return self.worker.status
        try:
            async with asyncio.timeout(STATUS_SECONDS):
                told = await self.lease.read()
        except (PyMongoError, TimeoutError):
            return None
        return told.status if told.is_alive else None

    async def tell(self) -> Mapping[str, object]:
        """How it stands, for `/readyz`."""
        status = await self.read_status()
        told: dict[str, object] = {"state": "unavailable" if self.index is None else "ok"}
        if status is None:
            return {**told, "worker": "none"}
        return {
            **told,
            "worker": status.state.value,
            "pendingChanges": status.pending if status.counts_all else None,
            "lagMilliseconds": status.lag_ms,
            "deadLetters": status.dead_letters,
        }


def sync_settings(settings: Settings) -> SyncSettings:
    """Where the index is, as the server was told; the worker's own bounds come from the environment."""
    return SyncSettings(
        mongodb_url=settings.mongodb_url,
        mongodb_database=settings.mongodb_database,
        meilisearch_url=settings.meilisearch_url,
        meilisearch_key=settings.meilisearch_key,
        data_dir=settings.data_dir,
    )


def works_here(settings: Settings) -> bool:
    """Whether a server does the worker's work as well."""
    return settings.meilisearch_url is None or settings.mongodb_url is None


@asynccontextmanager
async def open_search_index(settings: Settings, client: Client) -> AsyncIterator[OpenedIndex]:
    """The index as long as this is open, with its worker where that belongs here."""
    sync = sync_settings(settings)
    async with AsyncExitStack() as stack:
        index, name = await _open(stack, sync), read_name(sync)
        database = client[settings.mongodb_database]
        lease = Lease(database, name, "", STATUS_SECONDS)
        if index is None:
            yield OpenedIndex(None, None, None, lease)
            return
        worker = None
        if works_here(settings):
            worker = Worker(client, settings.mongodb_database, index, sync, name)
            await stack.enter_async_context(working(worker))
        yield OpenedIndex(index, FreshnessReader(database, index, worker, name), worker, lease)


async def _open(stack: AsyncExitStack, sync: SyncSettings) -> SearchIndex | None:
    for attempt in range(OPENING_TRIES):
        try:
            return await stack.enter_async_context(open_index(sync))
        except IndexUnavailableError as error:
            if attempt == 0:
                log.warning("the search index cannot be opened yet", reason=str(error))
        await asyncio.sleep(OPENING_PAUSE_SECONDS)
    log.error(
        "searches answer INDEX_UNAVAILABLE: another process has the search index open. Give each server a data "
        "directory of its own, or set PROMPTGRAPH_MEILISEARCH_URL, which all of them share. A restart tries again.",
        directory=str(sync.data_dir),
    )
    return None

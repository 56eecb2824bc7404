"""A stand-in for a Meilisearch server, and an index at it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from search_sync.index.meilisearch import MeilisearchIndex
from tests.contracts.meilisearch_stand_in import StandIn


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
async def server(stand_in: StandIn) -> AsyncIterator[BaseTestServer]:
    async with TestServer(stand_in.make_app()) as server:
        yield server


@pytest.fixture
async def index(server: BaseTestServer) -> AsyncIterator[MeilisearchIndex]:
    opened = open_at(server)
    yield opened
    await opened.close()


def open_at(server: BaseTestServer, patience: float = 1.0, task_patience: float = 5.0) -> MeilisearchIndex:
    url = str(server.make_url("")).rstrip("/")
    return MeilisearchIndex(url, "a key", "prompts", patience=patience, task_patience=task_patience)

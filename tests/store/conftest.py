"""The store of a test, with the time that an operation may take left at its default."""

from collections.abc import AsyncIterator

import pytest

from graph.store.store import Store, open_store
from tests.fixtures import deps, store
from tests.redis_server import redis_url

__all__ = ["deps", "impatient_store", "redis_url", "store"]


@pytest.fixture
async def impatient_store(mongodb_url: str, database_name: str) -> AsyncIterator[Store]:
    async with open_store(mongodb_url, database_name) as opened:
        yield opened

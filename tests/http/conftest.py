from collections.abc import AsyncIterator

import pytest_asyncio

from tests.http.toy import Client, make_app, serve


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    async with serve(make_app()) as client:
        yield client

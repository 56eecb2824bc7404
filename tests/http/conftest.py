from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient

from tests.http.toy import make_app, serve

Client = TestClient[web.Request, web.Application]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    async with serve(make_app()) as client:
        yield client

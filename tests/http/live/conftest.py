from collections.abc import AsyncIterator

import pytest_asyncio

from tests.http.live.conversation import Toy, toy_server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def toy() -> AsyncIterator[Toy]:
    async with toy_server() as running:
        yield running

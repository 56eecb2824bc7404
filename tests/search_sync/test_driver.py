"""The driver goes on after whatever was cancelled while it had no server."""

import asyncio
from contextlib import suppress

from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError

from search_sync.driver import make_client

NOBODY = "mongodb://127.0.0.1:1"
WAITERS = 200
AT_ONCE = 5


async def ask(client: AsyncMongoClient[dict[str, object]]) -> None:
    with suppress(ServerSelectionTimeoutError):
        await client.admin.command("ping")


async def test_who_is_told_twice_to_stop_while_it_waits_for_a_server_leaves_no_lock_behind() -> None:
    """All who wait for a server look around every half second, and need the one lock for that: one is told then."""
    async with asyncio.timeout(20), make_client(NOBODY, serverSelectionTimeoutMS=1_500) as client:
        waiters = [asyncio.create_task(ask(client)) for _ in range(WAITERS)]
        await asyncio.sleep(0.49)
        for number, waiter in enumerate(waiters[: WAITERS // 2]):
            waiter.cancel()
            await asyncio.sleep(0)
            waiter.cancel()
            if number % AT_ONCE == 0:
                await asyncio.sleep(0.002)
        await asyncio.wait(waiters)
        await ask(client)

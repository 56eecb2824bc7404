"""The driver goes on after whatever was cancelled while it had no server, and whatever it saw of one that began."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pymongo
from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError

from search_sync.driver import make_client
from tests.search_sync.own_mongod import own_mongod

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


async def test_a_connection_to_a_server_that_was_not_ready_serves_transactions_once_it_is(tmp_path: Path) -> None:
    async with own_mongod(tmp_path) as mongod, make_client(mongod.url) as keeper, make_client(mongod.url) as client:
        await keeper.admin.command({"replSetStepDown": 60, "force": True})
        await keeper.admin.command({"replSetMaintenance": 1})
        hello = await client.admin.command("hello")
        assert not hello["isWritablePrimary"]
        assert not hello["secondary"]
        await keeper.admin.command({"replSetMaintenance": 0})
        await keeper.admin.command({"replSetFreeze": 0})
        async with asyncio.timeout(20):
            while not (hello := await client.admin.command("hello"))["isWritablePrimary"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        async with client.start_session() as session:
            await session.with_transaction(lambda session: client["some"]["things"].insert_one({}, session=session))
        assert await client["some"]["things"].count_documents({}) == 1
        assert (await client.admin.command("hello"))["connectionId"] == hello["connectionId"], "it is another one"


async def test_a_write_that_a_stepping_down_interrupts_lets_others_run_and_is_made_when_the_server_is_back(
    tmp_path: Path,
) -> None:
    block = {"failCommands": ["insert"], "blockConnection": True, "blockTimeMS": 200}
    async with own_mongod(tmp_path) as mongod, make_client(mongod.url) as keeper, make_client(mongod.url) as client:
        await client["some"]["things"].insert_one({"_id": 1})
        await keeper.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": block})

        async def write() -> None:
            with pymongo.timeout(15):
                await client["some"]["things"].insert_one({"_id": 2})

        writing = asyncio.create_task(write())
        await keeper.admin.command({"replSetStepDown": 60, "force": True})
        await asyncio.wait([writing], timeout=0.5)  # it is tried again by now, and again
        assert not writing.done()
        await keeper.admin.command({"replSetFreeze": 0})
        await writing

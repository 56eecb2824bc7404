"""Orders as a person gives them, at a terminal, while the index does not answer."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from pymongo import AsyncMongoClient

NOWHERE = "http://127.0.0.1:9"


async def run(mongodb_url: str, database: str, data_dir: Path, *arguments: str) -> Process:
    environment = {
        **os.environ,
        "PROMPTGRAPH_MONGODB_URL": mongodb_url,
        "PROMPTGRAPH_MONGODB_DATABASE": database,
        "PROMPTGRAPH_MEILISEARCH_URL": NOWHERE,
        "PROMPTGRAPH_DATA_DIR": str(data_dir),
        "PROMPTGRAPH_SYNC_ORDER_PATIENCE_SECONDS": "30" if "--timeout" not in arguments else "1",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "graph.cli", *arguments, env=environment, stdout=PIPE, stderr=PIPE
    )


async def states(mongodb_url: str, database: str) -> list[str]:
    async with AsyncMongoClient[dict[str, str]](mongodb_url) as client:
        found = client[database].sync_state.find({"order_for": {"$exists": True}})
        return [order["state"] async for order in found]


async def test_ctrl_c_withdraws_an_order_that_waits_for_the_index(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    process = await run(mongodb_url, database_name, tmp_path, "reindex")
    assert process.stderr
    async with asyncio.timeout(30):
        line = await process.stderr.readline()
        assert line == b"Waiting for the index: Meilisearch is out of reach.\n"
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
    assert await states(mongodb_url, database_name) == ["failed"]


async def test_when_patience_is_over_the_command_says_why_and_withdraws_the_order(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    process = await run(mongodb_url, database_name, tmp_path, "verify", "--timeout", "20")
    async with asyncio.timeout(30):
        _, told = await process.communicate()
    assert b"Nothing was compared: Nothing went on for 1 seconds; the order was withdrawn." in told
    assert b"waiting for the index: Meilisearch is out of reach." in told
    assert process.returncode == 2
    assert await states(mongodb_url, database_name) == ["failed"]


async def test_what_the_driver_says_of_servers_is_not_told_at_a_terminal(tmp_path: Path) -> None:
    nowhere = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100"
    process = await run(nowhere, "some", tmp_path, "verify")
    async with asyncio.timeout(30):
        _, told = await process.communicate()
    assert told.startswith(b"Nothing was compared: The database does not answer")
    assert b"127.0.0.1" not in told
    assert process.returncode == 2

"""Who follows the feed of a replica set is told everything once and in order, whichever member is the primary.

The index, which is kept in step meanwhile, ends up holding what the store holds.

Twice it steps down by default; PROMPTGRAPH_ELECTIONS says how often.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, PyMongoError

from graph.domain.feed import EventFilter, Told
from graph.operations.deps import Deps
from graph.operations.streams import follow
from graph.store.mongod.binary import find_mongod
from search_sync.chain_check import check_chain
from search_sync.status import Fate
from search_sync.worker import Worker
from tests.fixtures import caller, registry
from tests.search_sync.chains import is_numbered, numbering, read_chain
from tests.search_sync.conftest import QUICK, is_in_step, read_told, running, until
from tests.search_sync.plain_index import PlainIndex
from tests.search_sync.test_worker_kills import writing

Client = AsyncMongoClient[dict[str, Any]]

ELECTIONS = int(os.environ.get("PROMPTGRAPH_ELECTIONS", "2"))
DATABASE = "elections"
MEMBERS = 3
NAME = "set"


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody had a moment ago."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def make_command(port: int, place: Path) -> list[str]:
    place.mkdir()
    return [
        *(str(find_mongod()), "--replSet", NAME, "--dbpath", str(place), "--port", str(port)),
        *("--bind_ip", "127.0.0.1", "--nounixsocket", "--logpath", str(place / "log"), "--oplogSize", "64"),
        *("--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB)"),
    ]


@asynccontextmanager
async def replica_set(place: Path) -> AsyncIterator[str]:
    """Three members on loopback; the address of all."""
    ports = free_ports(MEMBERS)
    processes = [subprocess.Popen(make_command(port, place / str(port)), stdout=subprocess.DEVNULL) for port in ports]  # noqa: ASYNC220
    try:
        hosts = [{"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(ports)]
        settings = {"electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500}
        for port in reversed(ports):  # each must be there before the first is told of it
            async with Client(f"mongodb://127.0.0.1:{port}/?directConnection=true") as member:
                await member.admin.command("ping")
                if port == ports[0]:
                    await member.admin.command("replSetInitiate", {"_id": NAME, "members": hosts, "settings": settings})
        url = "mongodb://" + ",".join(f"127.0.0.1:{port}" for port in ports) + f"/?replicaSet={NAME}"
        async with Client(url) as client:
            await wait_for_primary(client, None)
        yield url
    finally:
        for process in processes:
            process.kill()
            await asyncio.to_thread(process.wait)


async def hold_election(client: Client) -> None:
    """The primary steps down, and another is there."""
    before = await client.primary
    # With force: on a busy machine the others may not have caught up; what the majority has is not lost by that.
    with contextlib.suppress(AutoReconnect):
        await client.admin.command({"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5, "force": True})
    await wait_for_primary(client, before)


async def wait_for_primary(client: Client, before: tuple[str, int] | None) -> None:
    """Returns when a member that is not the one of before takes writes."""
    async with asyncio.timeout(60):
        while await client.primary in (None, before):
            with contextlib.suppress(PyMongoError):
                await client.admin.command("ping")
            await asyncio.sleep(0.05)


async def listen(deps: Deps, seqs: list[int | None]) -> None:
    """One subscription from the beginning of the feed, that is never opened again."""
    async with aclosing(await follow(deps, caller(), EventFilter(), 0)) as stream:
        async for message in stream:
            if isinstance(message, Told):
                seqs.append(message.event.seq)


async def hear_more(seqs: list[int | None], count: int) -> None:
    """Returns when so many more were told."""
    wanted = len(seqs) + count
    async with asyncio.timeout(60):
        while len(seqs) < wanted:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


async def is_checkpoint_told(database: AsyncDatabase[dict[str, Any]]) -> bool:
    """Whether there is a checkpoint to go on from: an index built a moment ago has none yet, and is built once more."""
    return (await read_told(database)).checkpoint is not None


@pytest.mark.timeout(120 + 20 * ELECTIONS)
async def test_who_follows_through_elections_is_told_everything_once_and_in_order_and_the_index_is_kept_in_step(
    tmp_path: Path,
) -> None:
    seqs: list[int | None] = []
    index = PlainIndex()
    settings = QUICK.model_copy(update={"lease_seconds": 2.0})
    async with (
        replica_set(tmp_path) as url,
        Client(url, heartbeatFrequencyMS=500) as client,
        registry(url, DATABASE) as deps,
    ):
        indexing = Worker(client, DATABASE, index, settings)
        async with numbering(client[DATABASE], settings), running(indexing):
            listening = asyncio.create_task(listen(deps, seqs))
            async with writing(deps) as writers:
                for _ in range(ELECTIONS):
                    await hear_more(seqs, 20)
                    await hold_election(client)
                await hear_more(seqs, 20)
            await until(lambda: is_numbered(client[DATABASE]))
            events = await read_chain(client[DATABASE])
            await hear_more(seqs, len(events) - len(seqs))
            await until(lambda: is_in_step(client[DATABASE], index), 90)  # the stream is given a minute to answer
            listening.cancel()
            await asyncio.wait([listening])
        assert sum(writer.deeds for writer in writers) > 20 * ELECTIONS
        assert indexing.status.counters[Fate.CHANGES] > 0
        assert index.builds == 1, "no election made it begin again"
        assert seqs == [event["seq"] for event in events]
        assert (await check_chain(client[DATABASE])).finding is None

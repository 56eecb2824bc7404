"""Whatever is killed or paused, and whenever, the feed has no gap, and nobody who reads it misses or meets twice.

`PROMPTGRAPH_FEED_KILLS=200` kills or pauses 200 times; the default is for every day.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient

from graph.domain.outages import UnavailableError
from graph.operations.deps import Deps
from graph.store.mongod.options import MongodOptions
from search_sync.chain_check import check_chain
from search_sync.tasks import heed_cancellation
from tests.fixtures import registry
from tests.search_sync.chains import is_numbered, numbering, read_chain
from tests.search_sync.conftest import Document, until
from tests.search_sync.own_mongod import OwnMongod, own_mongod
from tests.search_sync.test_worker_kills import lose_history, writing

KILLS = int(os.environ.get("PROMPTGRAPH_FEED_KILLS", "5"))
MONGOD_EACH = 5
DATABASE = "feed_kills"


async def start(url: str) -> Process:
    words = ("-m", "tests.search_sync.sequencer_process", url, DATABASE)
    return await asyncio.create_subprocess_exec(sys.executable, *words, stdout=DEVNULL, stderr=DEVNULL)


async def end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


class Reader:
    """Somebody who follows the log with a cursor all the while."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self.ids: list[str] = []

    async def run(self) -> None:
        while True:
            heed_cancellation()
            with contextlib.suppress(UnavailableError):
                await self.catch_up()
            await asyncio.sleep(0.01)

    async def catch_up(self) -> None:
        feed = self._deps.store.feed
        for event in await feed.read(len(self.ids), (await feed.span()).last, 1_000):
            assert event.seq == len(self.ids) + 1, "neither a gap nor anything twice"
            self.ids.append(event.id)


async def torment(mongod: OwnMongod, client: AsyncMongoClient[Document]) -> None:
    """Two sequencers; at random, one is killed or paused for longer than its lease, or mongod is killed under both."""
    chance = random.Random(4)
    pair = [await start(mongod.url), await start(mongod.url)]
    try:
        for number in range(KILLS):
            await asyncio.sleep(chance.uniform(0.3, 1.5))
            victim = chance.randrange(2)
            if number % MONGOD_EACH == 3:
                await mongod.kill()
                await mongod.start()
            elif number % 3 == 2:
                pair[victim].send_signal(signal.SIGSTOP)
                await asyncio.sleep(chance.uniform(0.6, 1.5))
                pair[victim].send_signal(signal.SIGCONT)
            else:
                await end(pair[victim])
                pair[victim] = await start(mongod.url)
            if number == KILLS // 2:
                await lose_history(client)
    finally:
        for process in pair:
            await end(process)


@pytest.mark.timeout(90 + 6 * KILLS)
async def test_the_feed_has_no_gap_whatever_is_killed(tmp_path: Path) -> None:
    async with (
        own_mongod(tmp_path / "mongod", MongodOptions(oplog_megabytes=8)) as mongod,
        registry(mongod.url, DATABASE) as deps,
        AsyncMongoClient[Document](mongod.url, heartbeatFrequencyMS=500) as client,
    ):
        reader = Reader(deps)
        following = asyncio.create_task(reader.run())
        async with writing(deps) as writers:
            await torment(mongod, client)
        assert sum(writer.deeds for writer in writers) > 10 * KILLS
        assert len(reader.ids) > KILLS, "next to nothing was numbered meanwhile, so that nothing is proved"
        async with numbering(client[DATABASE]):
            await until(lambda: is_numbered(client[DATABASE]))
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await reader.catch_up()
        assert [event["_id"] for event in await read_chain(client[DATABASE])] == reader.ids
        assert (await check_chain(client[DATABASE])).finding is None

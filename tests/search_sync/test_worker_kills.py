"""Whatever is killed, and whenever, the index ends up holding what the store holds.

`PROMPTGRAPH_SYNC_KILLS=200,20` kills the worker 200 times and mongod 20 times; the default is for every day.
"""

import asyncio
import contextlib
import os
import random
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient

from graph.domain.errors import PromptgraphError
from graph.domain.prompts import LATEST_VERSION
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt, delete_prompt, unarchive_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from graph.store.mongod.options import MongodOptions
from search_sync.commands import verify, working
from search_sync.lease import Lease
from search_sync.open_index import open_index, read_name
from search_sync.projection import project
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.tasks import heed_cancellation
from search_sync.worker import Worker
from tests.clock import awake_seconds
from tests.fixtures import caller, draft, registry, text_version
from tests.search_sync.conftest import QUICK, Document
from tests.search_sync.own_mongod import OwnMongod, forget_history, own_mongod

WORKER_KILLS, MONGOD_KILLS = map(int, os.environ.get("PROMPTGRAPH_SYNC_KILLS", "6,2").split(","))
WRITERS = 8
MOST_SECONDS = 5.0  # between two kills, about
LEASE_SECONDS = 0.5
OPLOG_MEGABYTES = 8

DATABASE = "kills"


class Writer:
    """Somebody who changes prompts at random, and does not mind when it fails."""

    def __init__(self, deps: Deps, number: int) -> None:
        self._deps = deps
        self._actor = caller(f"writer-{number}")
        self._chance = random.Random(number)
        self._number = number
        self._names: dict[str, str] = {}
        self.deeds = 0

    async def run(self) -> None:
        while True:
            heed_cancellation()
            with contextlib.suppress(PromptgraphError):
                await self._do()
                self.deeds += 1
            await asyncio.sleep(self._chance.uniform(0, 0.05))

    async def _do(self) -> None:
        deps, actor, chance = self._deps, self._actor, self._chance
        deed = chance.choice(["create", "append", "append", "label", "rate", "rate", "archive", "unarchive", "delete"])
        if deed == "create" or not self._names:
            name = f"folder{self._number}/{ObjectId()}"
            self._names[(await create_prompt(deps, actor, draft(name, chance.choice("abc") * 50))).id] = name
            return
        one = chance.choice(list(self._names))
        if deed == "append":
            document = await deps.store.versions.get_latest(actor, one)
            await append_version(deps, actor, one, document[0].latest, text_version(f"text {chance.random()}"))
        elif deed == "label":
            await set_label(deps, actor, one, "production", LATEST_VERSION)
        elif deed == "rate":
            await rate_prompt(deps, actor, one, chance.randint(1, 5))
        elif deed == "archive":
            await archive_prompt(deps, actor, one)
        elif deed == "unarchive":
            await unarchive_prompt(deps, actor, one)
        else:
            await delete_prompt(deps, actor, one, self._names[one])
            del self._names[one]


async def start_worker(url: str, data_dir: Path) -> Process:
    environment = {
        **os.environ,
        "PROMPTGRAPH_MONGODB_URL": url,
        "PROMPTGRAPH_MONGODB_DATABASE": DATABASE,
        "PROMPTGRAPH_DATA_DIR": str(data_dir),
        "PROMPTGRAPH_SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        "PROMPTGRAPH_SYNC_BEAT_SECONDS": "0.05",
        "PROMPTGRAPH_SYNC_BATCH_ITEMS": "10",
        "PROMPTGRAPH_SYNC_BACKOFF_MOST_SECONDS": "0.2",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "search_sync", env=environment, stdout=DEVNULL, stderr=DEVNULL
    )


async def kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


@contextlib.asynccontextmanager
async def writing(deps: Deps) -> AsyncIterator[list[Writer]]:
    writers = [Writer(deps, number) for number in range(WRITERS)]
    tasks = [asyncio.create_task(writer.run()) for writer in writers]
    try:
        yield writers
        failed = [repr(task.exception()) for task in tasks if task.done()]
        assert not failed, "a writer has failed in a way that it does not know"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def lose_history(client: AsyncMongoClient[Document]) -> None:
    """What the oplog held when the checkpoint was written is gone from it."""
    now = (await client.admin.command("hello"))["operationTime"]
    await forget_history(client, now)


async def torment(mongod: OwnMongod, client: AsyncMongoClient[Document], data_dir: Path) -> None:
    """Kills at random points of the worker's life, from its first import to the middle of a batch."""
    chance = random.Random(20)
    mongod_kills = set(chance.sample(range(WORKER_KILLS), MONGOD_KILLS))
    for number in range(WORKER_KILLS):
        worker = await start_worker(mongod.url, data_dir)
        try:
            await asyncio.sleep(chance.uniform(0.3, MOST_SECONDS if number % 4 == 0 else 2.0))
            if number in mongod_kills:
                await mongod.kill()
                await asyncio.sleep(chance.uniform(0, 0.5))
                await mongod.start()
                await asyncio.sleep(chance.uniform(0, 2.0))
        finally:
            await kill(worker)
        if number == WORKER_KILLS // 2:
            await lose_history(client)


@pytest.mark.timeout(60 + 5 * WORKER_KILLS + 10 * MONGOD_KILLS)
async def test_nothing_is_lost_whatever_is_killed(tmp_path: Path) -> None:
    data_dir, options = tmp_path / "worker", MongodOptions(oplog_megabytes=OPLOG_MEGABYTES)
    async with (
        own_mongod(tmp_path / "mongod", options) as mongod,
        registry(mongod.url, DATABASE) as deps,
        AsyncMongoClient[Document](mongod.url, heartbeatFrequencyMS=500) as client,
    ):
        async with writing(deps) as writers:
            await torment(mongod, client, data_dir)
        assert sum(writer.deeds for writer in writers) > 20 * WORKER_KILLS
        settings = QUICK.model_copy(update={"data_dir": data_dir})
        await compare(client, settings)


async def compare(client: AsyncMongoClient[Document], settings: SyncSettings) -> None:
    """A last worker catches up; then nothing differs, as `verify` says and as we see for ourselves."""
    began = awake_seconds()
    name = read_name(settings)
    async with open_index(settings) as index:
        told = await Lease(client[DATABASE], name, "", 5).read()
        assert told.status, "no worker has lived long enough to say anything, so that nothing is proved"
        async with working(Worker(client, DATABASE, index, settings, name)):
            report = await verify(client[DATABASE], False, lambda *_: None, name)
        assert report.differences == ()
        held = {one: digest async for one, _, digest in index.scan()}
    stored = await PromptSource(client[DATABASE], 10).page(None, 1_000_000)
    assert held == {one["_id"]: project(one, settings.text_characters).digest() for one in stored}
    assert len(held) > 10
    assert awake_seconds() - began < 60

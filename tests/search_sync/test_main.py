"""The worker as a process of its own."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.lease import Lease
from search_sync.open_index import open_index, read_name
from search_sync.settings import SyncSettings
from tests.clock import awake_seconds
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, until


async def test_a_worker_that_is_told_to_stop_gives_the_lease_back_at_once(
    deps: Deps, mongodb_url: str, database: AsyncDatabase[Document], tmp_path: Path
) -> None:
    prompt = await create_prompt(deps, caller(), draft("a"))
    settings = QUICK.model_copy(update={"data_dir": tmp_path})
    lease = Lease(database, read_name(settings), "", 5)
    environment = {
        **os.environ,
        "PROMPTGRAPH_MONGODB_URL": mongodb_url,
        "PROMPTGRAPH_MONGODB_DATABASE": database.name,
        "PROMPTGRAPH_DATA_DIR": str(tmp_path),
        "PROMPTGRAPH_SYNC_LEASE_SECONDS": "60",
    }
    worker = await create_subprocess_exec(
        sys.executable, "-m", "search_sync", env=environment, stdout=DEVNULL, stderr=DEVNULL
    )

    async def is_saved() -> bool:
        return (await lease.read()).checkpoint is not None

    await until(is_saved)
    assert (await lease.read()).is_alive
    began = awake_seconds()
    worker.terminate()
    assert await worker.wait() == 0
    assert awake_seconds() - began < 5
    assert not (await lease.read()).is_alive
    async with open_index(settings) as index:
        assert await index.revisions([prompt.id]) == {prompt.id: 1}


async def test_without_a_database_it_says_what_to_set() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROMPTGRAPH_")}
    worker = await create_subprocess_exec(sys.executable, "-m", "search_sync", env=environment, stderr=PIPE)
    _, told = await worker.communicate()
    assert worker.returncode == 2
    assert b"PROMPTGRAPH_MONGODB_URL" in told


def test_an_index_keeps_its_name_and_another_has_another(tmp_path: Path) -> None:
    here, there = (SyncSettings(data_dir=tmp_path / name) for name in ("a", "b"))
    assert read_name(here) == read_name(here)
    servers = [SyncSettings(meilisearch_url=url) for url in ("http://one", "http://two")]
    assert len({read_name(one) for one in (here, there, *servers)}) == 4

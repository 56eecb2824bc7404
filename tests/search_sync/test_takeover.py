"""Two workers of one index: one works, and what the other still does comes too late."""

import asyncio
from dataclasses import replace

import pytest
import structlog
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from search_sync.index.protocol import Batch
from search_sync.status import State
from search_sync.worker import Worker
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, is_kept, read_told, running, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


async def test_of_two_workers_one_works_and_the_other_takes_over(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex
) -> None:
    first = Worker(client, database.name, index, QUICK)
    second = Worker(client, database.name, index, QUICK)
    async with running(second):
        async with running(first):
            await until(lambda: first.is_leading or second.is_leading)
            await until(lambda: is_kept(database))
            assert first.is_leading != second.is_leading
        await create_prompt(deps, ADA, draft("a"))
        await until(lambda: is_in_step(database, index))
        assert second.is_leading
        await until(lambda: second.status.state is State.FOLLOWING)
    assert index.builds == 1
    assert not (await read_told(database)).is_alive


@pytest.mark.parametrize("is_shared", [True, False])
async def test_two_embedded_indexes_of_one_name_are_told_of_as_a_copied_directory(
    database: Database, client: AsyncMongoClient[Document], start: Start, is_shared: bool
) -> None:
    copied, quick = PlainIndex(), QUICK.model_copy(update={"lease_seconds": 0.3})
    copied.is_shared = is_shared
    async with start(settings=quick) as holder:
        await until(lambda: holder.is_leading)
        with structlog.testing.capture_logs() as logs:

            def tell_errors() -> list[tuple[bool, str]]:
                return [("index.name" in log["event"], log["index"]) for log in logs if log["log_level"] == "error"]

            async with running(Worker(client, database.name, copied, quick)):
                await (asyncio.sleep(1.3) if is_shared else until(tell_errors))
    assert tell_errors() == ([] if is_shared else [(True, "index")])


async def test_a_paused_worker_that_was_overtaken_writes_nothing_more(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex, start: Start
) -> None:
    """Its write is held up between the lease's last check and the index, as long as it takes to be overtaken."""
    zombie_index, go_on = PlainIndex(), asyncio.Event()
    zombie_index.built_with = "not yet"
    prompt = await create_prompt(deps, ADA, draft("a"))
    zombie = Worker(client, database.name, zombie_index, QUICK)
    lease = zombie._lease
    async with running(zombie):
        await until(lambda: is_kept(database))

        async def hang(batch: Batch) -> None:
            lease._seconds = 0.0  # from now on every beat comes too late, as those of a paused process do
            await go_on.wait()

        zombie_index.faults.before = hang
        await rate_prompt(deps, ADA, prompt.id, 1)
        await until(lambda: not lease.is_good)
        async with start() as follower:
            await until(lambda: follower.is_leading)
            await delete_prompt(deps, ADA, prompt.id, prompt.name)
            await until(lambda: is_in_step(database, index))
            await until(lambda: is_kept(database))
            checkpoint = (await read_told(database)).checkpoint
            go_on.set()
            await asyncio.sleep(0.3)
            assert await is_in_step(database, index)
            told = await read_told(database)
            assert told.status
            assert told.status.holder == follower.status.holder
            assert checkpoint
            assert told.checkpoint
            assert told.checkpoint.token["_data"] >= checkpoint.token["_data"]


async def test_what_a_worker_wrote_too_late_is_looked_at_again(
    deps: Deps, database: Database, client: AsyncMongoClient[Document], index: PlainIndex
) -> None:
    """One index for both: the late write brings back a prompt that was deleted meanwhile, and does not stay."""
    prompt = await create_prompt(deps, ADA, draft("a"))
    zombie, follower = (Worker(client, database.name, index, QUICK) for _ in range(2))
    async with running(zombie):
        await until(lambda: is_kept(database))
        late = index.documents[prompt.id]
    async with running(follower):
        await until(lambda: follower.is_leading)
        await delete_prompt(deps, ADA, prompt.id, prompt.name)
        await until(lambda: prompt.id not in index.documents)
        index.documents[prompt.id] = replace(late, rev=99)
        zombie._disowned.add(prompt.id)
        await zombie._own_up()
        await until(lambda: prompt.id not in index.documents)

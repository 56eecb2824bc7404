"""The first copy and every later one: no gap, nothing in the wrong order, and when it is made."""

import asyncio
import random
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from graph.operations.ratings import rate_prompt
from graph.operations.versions import append_version
from search_sync.index.protocol import Batch
from search_sync.status import Fate
from search_sync.worker import Worker
from tests.fixtures import caller, draft, text_version
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, is_kept, running, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


async def test_an_update_between_read_and_write_of_the_same_prompt_wins(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompt = await create_prompt(deps, ADA, draft("p", "first"))
    surprises = iter(["second", "third"])

    async def surprise(batch: Batch) -> None:
        text = next(surprises, None)
        if text is not None and batch.documents:
            await append_version(deps, ADA, prompt.id, 1 if text == "second" else 2, text_version(text))

    index.faults.before = surprise  # the first lands during the copy, the other in the following of it
    async with start():
        await until(lambda: prompt.id in index.documents and index.documents[prompt.id].text == "third")


async def test_what_was_read_ahead_of_the_copy_and_deleted_meanwhile_does_not_come_back(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(3)]
    async with start(settings=QUICK.model_copy(update={"batch_items": 1})) as worker:

        async def delete_the_next(batch: Batch) -> None:
            index.faults.before = None
            await asyncio.sleep(0.2)  # by now the next page has been read
            await delete_prompt(deps, ADA, prompts[1].id, prompts[1].name)
            await until(lambda: worker.status.counters[Fate.CHANGES] > 0)

        index.faults.before = delete_the_next
        await until(lambda: index.builds)
        await until(lambda: is_kept(database))
        assert set(index.documents) == {prompts[0].id, prompts[2].id}


class Reading(CommandListener):
    """The time that each page of prompts was asked to be of, or after; None where none was named."""

    def __init__(self) -> None:
        self.times: list[Any] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get("find") == "prompts":
            self.times.append(event.command["readConcern"].get("afterClusterTime"))

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


async def test_the_first_page_is_not_older_than_the_stream_s_beginning(
    deps: Deps, mongodb_url: str, database_name: str, index: PlainIndex
) -> None:
    """Else what is written, and not yet the majority's, when the stream begins would be in neither."""
    prompt, reading = await create_prompt(deps, ADA, draft()), Reading()
    async with (
        AsyncMongoClient[Document](mongodb_url, event_listeners=[reading]) as client,
        running(Worker(client, database_name, index, QUICK)),
    ):
        await until(lambda: prompt.id in index.documents)
    assert reading.times
    assert None not in reading.times


async def test_the_first_copy_under_writers_has_no_gap(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(40)]
    index.faults.seconds = 0.01

    async def write(number: int) -> None:
        chance = random.Random(number)
        mine = prompts[number::4]
        for step in range(15):
            prompt = chance.choice(mine)
            await rate_prompt(deps, caller(f"{number}-{step}"), prompt.id, 3)
            await database.prompts.update_one({"_id": prompt.id}, {"$inc": {"usage_count": 1}})
        await delete_prompt(deps, ADA, mine[0].id, mine[0].name)
        await create_prompt(deps, ADA, draft(f"new{number}"))

    async with start(settings=QUICK.model_copy(update={"batch_items": 2})):
        await asyncio.gather(*(write(number) for number in range(4)))
        await until(lambda: is_in_step(database, index))
        await until(lambda: is_kept(database))
    assert index.builds == 1


@pytest.mark.parametrize("deed", ["drop", "dropDatabase", "rename", "renameOver"])
async def test_a_collection_that_was_changed_as_a_whole_is_indexed_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start, deed: str
) -> None:
    prompt = await create_prompt(deps, ADA, draft("a"))
    await create_prompt(deps, ADA, draft("b"))
    document = await database.prompts.find_one({"_id": prompt.id})
    assert document
    async with start():
        await until(lambda: len(index.documents) == 2)
        if deed == "drop":
            await database.prompts.drop()
        elif deed == "dropDatabase":
            await database.client.drop_database(database.name)
        elif deed == "rename":
            await database.prompts.rename("others")
        else:
            await database.others.insert_one({**document, "name": "c", "rev": 1})
            await database.others.rename("prompts", dropTarget=True)
        await until(lambda: is_in_step(database, index))
        if deed != "renameOver":
            await database.prompts.insert_one(document)
        await until(lambda: list(index.documents) == [prompt.id])
        await until(lambda: is_kept(database))


async def test_a_changed_fingerprint_builds_the_index_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a", "x" * 50))
    async with start():
        await until(lambda: is_kept(database))
    async with start(settings=QUICK.model_copy(update={"text_characters": 10})):
        await until(lambda: index.builds == 2)
    assert [document.text for document in index.documents.values()] == ["x" * 10]


async def test_an_index_that_was_emptied_behind_the_workers_back_is_built_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a"))
    async with start():
        await until(lambda: is_kept(database))
    fresh = PlainIndex()
    async with start(fresh):
        await until(lambda: is_in_step(database, fresh))


async def test_a_build_that_is_interrupted_leaves_the_old_index_and_starts_again(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    for number in range(6):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    async with start():
        await until(lambda: is_kept(database))
    old = dict(index.documents)
    other = QUICK.model_copy(update={"text_characters": 3, "batch_items": 2})
    index.faults.seconds = 0.1
    async with start(settings=other) as worker:
        await until(lambda: worker.status.built >= 2)
        assert worker.status.pending > 0
    assert (index.documents, index.builds, index.abandoned) == (old, 1, 1)
    index.faults.seconds = 0
    async with start(settings=other):
        await until(lambda: index.builds == 2)
    assert {len(document.text) for document in index.documents.values()} == {3}

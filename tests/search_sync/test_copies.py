"""An index that is not the one that the checkpoint speaks of: older, put back, of another build or another layout."""

import asyncio
import shutil
from copy import copy
from pathlib import Path

import pytest
import structlog
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt, delete_prompt
from search_sync.change_stream import ChangeStream, HistoryLostError
from search_sync.checkpoint import checkpoint_from_mark
from search_sync.index.tantivy import TantivyIndex
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_in_step, is_kept, read_told, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()


def copy_of(index: PlainIndex) -> PlainIndex:
    """What a backup holds."""
    made = copy(index)
    made.documents = dict(index.documents)
    return made


async def make_history(deps: Deps, database: Database, index: PlainIndex, start: Start) -> PlainIndex:
    """Writes a prompt, takes a backup of the index, and writes and deletes more, all with workers."""
    first = await create_prompt(deps, ADA, draft("first"))
    async with start():
        await until(lambda: is_in_step(database, index))
        await until(lambda: is_kept(database))
    backup = copy_of(index)
    async with start():
        await create_prompt(deps, ADA, draft("second"))
        await delete_prompt(deps, ADA, first.id, first.name)
        await until(lambda: is_in_step(database, index))
        taken = checkpoint_from_mark(backup.held_mark)
        assert taken
        least = taken.number

        async def is_ahead() -> bool:
            return ((await read_number(database)) or 0) > least

        await until(is_ahead)
    return backup


async def read_number(database: Database) -> int | None:
    checkpoint = (await read_told(database)).checkpoint
    return checkpoint.number if checkpoint else None


async def test_an_older_copy_goes_on_from_its_own_mark(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    backup = await make_history(deps, database, index, start)
    assert not await is_in_step(database, backup)
    async with start(backup):
        await until(lambda: is_in_step(database, backup))
    assert backup.builds == 1


async def test_an_older_copy_whose_history_is_gone_is_built_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = await make_history(deps, database, index, start)
    opened = ChangeStream.open

    async def open_or_lose(stream: ChangeStream) -> None:
        if stream.token is not None and stream._stream is None and not lost:
            lost.append(stream.token)
            raise HistoryLostError("The oplog begins later.")
        await opened(stream)

    lost: list[Document] = []
    monkeypatch.setattr(ChangeStream, "open", open_or_lose)
    async with start(backup):
        await until(lambda: is_in_step(database, backup))
        await until(lambda: backup.builds == 2)
    assert lost


async def test_a_database_that_was_put_back_has_the_index_built_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    first = await create_prompt(deps, ADA, draft("first"))
    async with start():
        await until(lambda: is_kept(database))
    state = await database.sync_state.find_one({"_id": "index"})
    assert state
    for number in range(2):
        async with start():
            await create_prompt(deps, ADA, draft(f"later{number}"))
            await until(lambda: is_in_step(database, index))

            async def is_told(least: int = number + 2) -> bool:
                return ((await read_number(database)) or 0) >= least

            await until(is_told)
    await database.prompts.delete_many({"_id": {"$ne": first.id}})
    await database.sync_state.replace_one({"_id": "index"}, state)
    async with start():
        await until(lambda: index.builds == 2)
        assert list(index.documents) == [first.id]


async def test_an_index_of_another_layout_is_built_anew(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a"))
    async with start():
        await until(lambda: is_kept(database))
    index.layout = "plainer"
    async with start():
        await until(lambda: index.builds == 2)


async def test_an_index_that_is_replaced_under_the_worker_is_built_anew_without_a_trace_in_the_log(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await create_prompt(deps, ADA, draft("a"))
    async with start():
        await until(lambda: is_kept(database))
        with structlog.testing.capture_logs() as logs:
            index.documents, index.held_mark = {}, "another's"
            await create_prompt(deps, ADA, draft("b"))
            await until(lambda: index.builds == 2)
            await until(lambda: is_in_step(database, index))
    assert "the index: The search index was removed or replaced while it was in use." in [
        log.get("reason") for log in logs
    ]
    assert not [log for log in logs if log["log_level"] in ("error", "critical") or log.get("exc_info")]


async def test_a_directory_that_is_put_back_from_a_backup_is_brought_up_to_date(
    deps: Deps, database: Database, start: Start, tmp_path: Path
) -> None:
    place, backup = tmp_path / "index", tmp_path / "backup"

    async def work(deed: str) -> None:
        index = await TantivyIndex.open(place, heap_bytes=15_000_000)
        try:
            async with start(index) as worker:
                prompt = await create_prompt(deps, ADA, draft(deed))

                async def holds() -> bool:
                    return await index.revisions([prompt.id]) != {}

                await until(holds)
                await until(lambda: is_kept(database))
                assert await index.mark()
                builds.append(worker.status.counters["rebuilds"])
                held.append({one async for one, _, _ in index.scan()})
        finally:
            await index.close()

    builds: list[int] = []
    held: list[set[str]] = []
    await work("first")
    shutil.copytree(place, backup)
    for name in ("second", "third"):
        await work(name)
    shutil.rmtree(place)
    backup.rename(place)
    await work("fourth")
    assert held[-1] == set(await database.prompts.distinct("_id"))
    assert builds == [1, 0, 0, 0]


async def test_an_index_is_never_two_marks_ahead_of_what_the_database_was_told(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    """Else one that was killed meanwhile, or went through an election, would be taken for another and built anew."""

    def held_number() -> int:
        held = checkpoint_from_mark(index.held_mark)
        return held.number if held else 0

    async def is_told() -> bool:
        return await read_number(database) == held_number()

    async with start(settings=QUICK.model_copy(update={"lease_seconds": 10.0})):
        await until(is_told)
        before = held_number()
        async with database.client.start_session() as session, await session.start_transaction():
            # Until this ends, nobody else can write there.
            await database.sync_state.update_one({"_id": "index"}, {"$set": {"held": True}}, session=session)
            for number in range(4):
                await create_prompt(deps, ADA, draft(f"prompt {number}"))
                await until(lambda: is_in_step(database, index))
                await asyncio.sleep(2 * QUICK.beat_seconds)
                assert held_number() <= (await read_number(database) or 0) + 1
        await until(is_told)
        assert held_number() > before

"""What the index refuses, or no index could hold: kept with its reason, in nobody's way."""

from dataclasses import replace
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.database import AsyncDatabase

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.ratings import rate_prompt
from search_sync.commands import verify
from search_sync.index.memory import MemoryIndex
from search_sync.status import Fate, State
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document, Start, is_kept, until
from tests.search_sync.plain_index import PlainIndex

Database = AsyncDatabase[Document]

ADA = caller()
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument, unicode_decode_error_handler="ignore")


async def test_a_poison_document_goes_to_the_dead_letters_and_its_neighbours_go_in(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    async with start() as worker:
        await until(lambda: is_kept(database))
        index.faults.is_down = True
        prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(3)]
        bad = prompts[1]
        index.faults.poison, index.faults.is_down = {bad.id}, False
        await until(lambda: set(index.documents) == {prompts[0].id, prompts[2].id})
        await until(lambda: worker.status.dead_letters == 1)
        letter = await database.sync_dead_letters.find_one()
        assert letter
        assert (letter["prompt_id"], letter["reason"], letter["rev"]) == (bad.id, "It is poison.", 1)
        await rate_prompt(deps, ADA, bad.id, 5)
        await until(lambda: worker.status.counters[Fate.REFUSED] == 2)
        letter = await database.sync_dead_letters.find_one()
        assert letter
        assert letter["attempts"] == 2
        index.faults.poison.clear()
        await rate_prompt(deps, ADA, bad.id, 4)
        await until(lambda: bad.id in index.documents)
        await until(lambda: worker.status.dead_letters == 0)
        assert await database.sync_dead_letters.count_documents({}) == 0


async def test_what_is_no_prompt_is_a_dead_letter_and_stops_nothing(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await database.prompts.insert_one({"_id": "strange", "name": "x"})
    await database.prompts.insert_one({"name": "y"})  # its id is no text either
    async with start() as worker:
        prompt = await create_prompt(deps, ADA, draft("a"))
        await until(lambda: list(index.documents) == [prompt.id])
        assert worker.status.dead_letters == 2
        await database.prompts.delete_many({"_id": {"$ne": prompt.id}})
        await until(lambda: worker.status.dead_letters == 0)


async def test_what_cannot_be_read_into_our_types_is_a_dead_letter_and_stops_nothing(
    deps: Deps, database: Database, start: Start
) -> None:
    index = MemoryIndex()
    good, early, garbled = [await create_prompt(deps, ADA, draft(name)) for name in ("good", "early", "garbled")]
    await database.prompts.update_one({"_id": early.id}, {"$set": {"updated_at": DatetimeMS(10**15)}})
    whole = await database.prompts.find_one({"_id": garbled.id})
    assert whole
    raw = bson.encode({**whole, "title": "no ??? in UTF-8"}).replace(b"???", b"\xff\xfe\xfd")
    await database.prompts.with_options(RAW).replace_one({"_id": garbled.id}, RawBSONDocument(raw, RAW))
    async with start(index) as worker:
        await until(lambda: worker.status.state is State.FOLLOWING)
        assert await index.revisions([good.id, early.id, garbled.id]) == {good.id: 1}
        assert worker.status.dead_letters == 2
        await database.prompts.update_one({"_id": early.id}, {"$set": {"updated_at": DatetimeMS(10**12)}})
        await until(lambda: worker.status.dead_letters == 1)
        assert await index.revisions([early.id]) == {early.id: 1}


async def test_an_id_that_is_no_text_is_a_dead_letter_by_its_look_and_stops_nothing(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    await database.prompts.insert_many([{"_id": 5, "name": "x5"}, {"_id": {"b": 2}, "name": "xb"}])
    before = await create_prompt(deps, ADA, draft("before"))
    async with start(settings=QUICK.model_copy(update={"batch_items": 1, "retry_seconds": 0.2})) as worker:
        await until(lambda: list(index.documents) == [before.id])
        await until(lambda: worker.status.dead_letters == 2)
        await database.prompts.insert_one({"_id": {"a": 1}, "name": "xa"})
        prompt = await create_prompt(deps, ADA, draft("after"))
        await until(lambda: prompt.id in index.documents)
        await until(lambda: worker.status.counters[Fate.REFUSED] >= 6)  # they are offered again, and kept
        assert set(await database.sync_dead_letters.distinct("prompt_id")) == {"5", "{'a': 1}", "{'b': 2}"}
        assert worker.status.counters[Fate.FAILURES] == 0
        report = await verify(database, repair=True, on_progress=lambda phase, done, total: None)
        assert set(report.left) == {"5", "{'a': 1}", "{'b': 2}"}
        await database.prompts.delete_many({"name": {"$in": ["x5", "xa", "xb"]}})
        await until(lambda: worker.status.dead_letters == 0)


async def test_what_is_refused_is_not_found_as_what_it_was(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompts = [await create_prompt(deps, ADA, draft(f"p{number}")) for number in range(2)]
    async with start() as worker:
        await until(lambda: len(index.documents) == 2)
        index.faults.poison = {prompts[0].id}
        await rate_prompt(deps, ADA, prompts[0].id, 5)
        await until(lambda: worker.status.dead_letters == 1)
        assert set(index.documents) == {prompts[1].id}
        index.faults.poison.clear()
        await rate_prompt(deps, ADA, prompts[0].id, 4)
        await until(lambda: len(index.documents) == 2)


async def test_a_prompt_that_is_written_once_more_is_never_missing(
    deps: Deps, database: Database, index: PlainIndex, start: Start
) -> None:
    prompt = await create_prompt(deps, ADA, draft("a"))
    async with start():
        await until(lambda: is_kept(database))
        index.documents[prompt.id] = replace(index.documents[prompt.id], rev=99, title="not this")
        seen: list[bool] = []
        index.faults.after = lambda batch: seen.append(prompt.id in index.documents)
        report = await verify(database, repair=True, on_progress=lambda phase, done, total: None)
        assert (report.count, report.left) == (1, ())
    assert seen
    assert all(seen)

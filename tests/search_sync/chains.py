"""A sequencer at work, and the chain that it must have made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.asynchronous.database import AsyncDatabase

from search_sync.chain import GENESIS, link
from search_sync.commands import working
from search_sync.sequencer import Sequencer
from search_sync.settings import SyncSettings
from tests.search_sync.conftest import QUICK, Document, until

Database = AsyncDatabase[Document]


@asynccontextmanager
async def numbering(database: Database, settings: SyncSettings = QUICK) -> AsyncIterator[Sequencer]:
    sequencer = Sequencer(database.client, database.name, settings)
    async with working(sequencer):
        yield sequencer


async def is_numbered(database: Database) -> bool:
    return not await database.events.count_documents({"seq": None})


async def read_chain(database: Database) -> list[Document]:
    """All events by number, after having seen that nothing is amiss."""
    aware = database.with_options(codec_options=database.codec_options.with_options(tz_aware=True))
    events = await aware.events.find().sort("seq", 1).to_list()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    revisions: dict[str, int] = {}
    head = GENESIS
    for event in events:
        head = link(head, event)
        assert event["hash"] == head
        assert event["rev"] > revisions.get(event["prompt_id"], 0), "revisions are in order"
        revisions[event["prompt_id"]] = event["rev"]
    state = await database.sync_state.find_one({"_id": "feed"})
    assert state
    assert (state["seq"], state["head"], state["first"]) == (len(events), head, 1)
    return events


async def number_all(database: Database) -> list[Document]:
    """Has everything numbered that is there now."""
    async with numbering(database):
        await until(lambda: is_numbered(database))
    return await database.events.find().sort("seq", 1).to_list()

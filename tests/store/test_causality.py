"""What has been read once is never read as it was before, whichever server answers."""

from typing import Any

from bson.timestamp import Timestamp
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from graph.store.causality import Causality
from graph.store.database import Database
from graph.store.feed import FeedStore
from graph.store.store import Store


class Questions(CommandListener):
    """The `readConcern` of each find, and when each change stream begins."""

    def __init__(self) -> None:
        self.concerns: list[dict[str, Any]] = []
        self.beginnings: list[Timestamp] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "find":
            self.concerns.append(dict(event.command["readConcern"]))
        if event.command_name == "aggregate":
            self.beginnings.append(event.command["pipeline"][0]["$changeStream"]["startAtOperationTime"])

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


async def test_a_read_of_events_waits_for_what_the_span_was_read_of(
    store: Store, mongodb_url: str, database_name: str
) -> None:
    asked = Questions()
    async with AsyncMongoClient[dict[str, Any]](mongodb_url, event_listeners=[asked]) as client:
        database = Database(client, database_name, 10.0)
        causality = Causality(database)
        feed = FeedStore(database, causality)
        await feed.span()
        assert asked.concerns == [{"level": "majority"}]
        seen = causality.seen
        await feed.read(after=0, upto=1, size=10)
        assert seen is not None
        assert asked.concerns[1] == {"level": "majority", "afterClusterTime": seen}


async def test_a_watch_reads_the_span_as_it_was_when_the_stream_began_or_later(
    mongodb_url: str, database_name: str
) -> None:
    """Else what was written but not yet the majority's at that moment would be in neither, until the next change."""
    asked = Questions()
    async with AsyncMongoClient[dict[str, Any]](mongodb_url, event_listeners=[asked]) as client:
        database = Database(client, database_name, 10.0)
        spans = FeedStore(database, Causality(database)).watch()
        await anext(spans)
        await spans.aclose()
        assert asked.concerns[-1]["afterClusterTime"] >= asked.beginnings[0]


async def test_what_is_noted_never_goes_back(store: Store) -> None:
    causality = Causality(store.database)
    for time in (Timestamp(5, 1), Timestamp(4, 9), None):
        causality.note(time)
    assert causality.seen == Timestamp(5, 1)

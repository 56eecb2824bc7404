"""The events in the order of the feed, and word of new ones.

The sequencer (`search_sync/sequencer.py`) stamps each event with its `seq`, in one transaction with the document `feed`
of `sync_state`, which says how far the log reaches: `seq` is the last, `first` the oldest that retention has left.
Everything here is read as the majority has it, so that no election takes back what a reader was told, and by way of
`causality.py`, so that none leaves out what was told already.
"""

import asyncio
from collections.abc import AsyncGenerator

import structlog
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from graph.domain.events import Event
from graph.domain.feed import Span
from graph.domain.outages import StoreUnavailableError
from graph.store.causality import Causality
from graph.store.codec import Document, event_from_document
from graph.store.database import Database
from search_sync.backoff import Backoff
from search_sync.tasks import heed_cancellation

FEED = "feed"
AWAIT_MS = 1_000
COUNTED_MOST = 1_000
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0

# The holder's beats change the document as well, and say nothing of the log.
GROWTH: list[Document] = [
    {"$match": {"documentKey._id": FEED}},
    {
        "$match": {
            "$or": [
                {"operationType": {"$ne": "update"}},
                {"updateDescription.updatedFields.seq": {"$exists": True}},
                {"updateDescription.updatedFields.first": {"$exists": True}},
            ]
        }
    },
    {
        "$project": {
            "operationType": 1,
            "clusterTime": 1,
            "updateDescription.updatedFields.seq": 1,
            "updateDescription.updatedFields.first": 1,
        }
    },
]

log = structlog.get_logger(__name__)


class FeedStore:
    """Reads the log of events by `seq`."""

    def __init__(self, database: Database, causality: Causality) -> None:
        self._database = database
        self._causality = causality
        majority = ReadConcern("majority")
        self._events = database.collection("events").with_options(read_concern=majority)
        self._state = database.collection("sync_state").with_options(read_concern=majority)

    async def span(self) -> Span:
        """From where to where the log reaches now."""
        with self._database.bounded():
            async with self._causality.session() as session:
                found = await self._state.find_one({"_id": FEED}, {"seq": 1, "first": 1}, session=session)
        return _span(found)

    async def read(self, after: int, upto: int, size: int) -> list[Event]:
        """At most `size` events with `after < seq <= upto`, in order.

        Records of other things than prompts are numbered as well and left out: fewer than `size` means that there is
        nothing more up to `upto`.
        """
        where = {"seq": {"$gt": after, "$lte": upto}, "prompt_id": {"$type": "string"}}
        with self._database.bounded():
            async with self._causality.session() as session:
                found = await self._events.find(where, session=session).sort("seq", 1).limit(size).to_list()
        return [event_from_document(document) for document in found]

    async def count_unnumbered(self) -> int:
        """How many events wait for their number, up to 1,000."""
        with self._database.bounded():
            return await self._events.count_documents({"seq": None}, limit=COUNTED_MOST)

    async def watch(self) -> AsyncGenerator[Span]:
        """Where the log reaches: at once, and then whenever it has grown. It ends only by cancellation.

        One change stream; when that breaks it is opened again, and what was missed meanwhile shows in the next span.
        """
        backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            heed_cancellation()
            try:
                async for span in self._watch_once():
                    backoff.reset()
                    yield span
            except (PyMongoError, StoreUnavailableError, TimeoutError) as error:
                log.warning("the feed is not watched for a moment", reason=type(error).__name__)
            await backoff.wait()

    async def _watch_once(self) -> AsyncGenerator[Span]:
        # A stream from now on begins with what is applied, of which the majority may have less: what grew in between
        # would be in neither. So it begins with the time of a reading, and the span is read once more after that.
        await self.span()
        began = self._causality.seen
        async with asyncio.timeout(self._database.timeout):
            opened = await self._state.watch(GROWTH, max_await_time_ms=AWAIT_MS, start_at_operation_time=began)
        async with opened as stream:
            span = await self.span()
            yield span
            while stream.alive:
                heed_cancellation()
                async with asyncio.timeout(self._database.timeout + AWAIT_MS / 1000):
                    change = await stream.try_next()
                if change is not None and (grown := await self._after(change, span)) != span:
                    span = grown
                    yield span

    async def _after(self, change: Document, span: Span) -> Span:
        """The change says itself how far the log has grown; whatever else became of the document is looked up."""
        self._causality.note(change["clusterTime"])
        told = (change.get("updateDescription") or {}).get("updatedFields") or {}
        last = told.get("seq")
        if change["operationType"] != "update" or "first" in told or not isinstance(last, int) or last < span.last:
            return await self.span()
        return Span(span.first, last)


def _span(document: Document | None) -> Span:
    return Span(document.get("first", 1), document.get("seq", 0)) if document else Span()

"""The numbering of events: what is stamped on them, in one transaction with the document that says how far it is.

That document is `feed` in `sync_state`, which is the sequencer's lease as well: `seq` is the last number given, `head`
the hash of that record, `first` the oldest number that retention has left and `anchor` the hash of the record before
it (None where nobody knows it any more). Each stamping is filtered on the fence, so that one who was paused and
overtaken stamps nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

import pymongo
from bson.codec_options import CodecOptions
from pymongo import IndexModel, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.mongo_client import AsyncMongoClient
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from search_sync.chain import GENESIS, link
from search_sync.lease import LeaseLostError
from search_sync.sync_state import DURABLE, MAJORITY, open_state

Document = dict[str, Any]
Client = AsyncMongoClient[Document]

FEED = "feed"
INDEXING_SECONDS = 600.0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SNAPSHOT = ReadConcern("snapshot")

UNNUMBERED: Document = {"seq": None}
BY_TIME, BY_REVISION = "unnumbered", "unnumbered_prompt"
INDEXES = [
    # Both hold only what has no number yet, so they are next to empty.
    IndexModel([("at", 1)], name=BY_TIME, partialFilterExpression=UNNUMBERED),
    IndexModel([("prompt_id", 1), ("rev", 1)], name=BY_REVISION, partialFilterExpression=UNNUMBERED),
]


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of the chain."""

    seq: int = 0
    head: str = GENESIS


class Ledger:
    """Numbers events for whoever holds the lease. `size` is how many at once; a call takes `seconds` at most."""

    def __init__(self, client: Client, database: str, holder: str, size: int, seconds: float) -> None:
        self._client = client
        named = client.get_database(database, codec_options=CodecOptions(tz_aware=True), write_concern=DURABLE)
        self._events = named.get_collection("events", read_concern=MAJORITY)
        self._state = open_state(named)
        self._holder = holder
        self._size = size
        self._seconds = seconds
        self._fence = 0
        self._session: AsyncClientSession | None = None
        self.tip = Tip()

    async def prepare(self) -> None:
        """Makes the indexes that lead to events without a number. Needs no lease: it can take a while."""
        with pymongo.timeout(INDEXING_SECONDS):
            await self._events.create_indexes(INDEXES)

    async def clear_the_way(self) -> None:
        """Ends the session of a holder whose lease has run out.

        If it was killed or paused in the midst of a transaction, that would stand in the way of the next holder for
        a minute: nobody else can write the document until the database gives the transaction up.
        """
        overdue = {"_id": FEED, "$expr": {"$lt": ["$until", "$$NOW"]}, "session": {"$exists": True}}
        with pymongo.timeout(self._seconds):
            left = await self._state.find_one(overdue, {"session": 1})
            if left is not None:
                try:
                    await self._client.admin.command({"killSessions": [{"id": left["session"]}]})
                except OperationFailure:
                    return  # not allowed here: then the minute has to pass

    async def open(self, session: AsyncClientSession, fence: int) -> None:
        """Takes the chain up where it ends. Raises LeaseLostError."""
        self._session, self._fence = session, fence
        with pymongo.timeout(self._seconds):
            kept = await self._state.find_one_and_update(self._mine(), {"$set": {"session": session.session_id["id"]}})
            if kept is None:
                raise LeaseLostError("Another sequencer holds the lease.")
            top = await self._events.find_one({"seq": {"$gt": 0}}, sort=[("seq", -1)])
            if "seq" not in kept or (top and top["seq"] > kept["seq"]):
                kept = await self._recover(top, kept)
        self.tip = Tip(kept["seq"], kept["head"])

    async def close(self) -> None:
        """Takes the session out of the document, since it ends well."""
        self._session = None
        with pymongo.timeout(self._seconds):
            await self._state.update_one(self._mine(), {"$unset": {"session": ""}})

    async def stamp(self) -> int:
        """Numbers what is there, in one transaction. Answers with how many; `size` or more: there may be more left.

        Raises LeaseLostError when it was overtaken, and then nothing is written. After any failure the ledger has
        to be opened again, for the outcome is not known.
        """
        session = self._session
        assert session is not None, "open it first"
        with pymongo.timeout(self._seconds):
            tip, count = await session.with_transaction(self._stamp, SNAPSHOT, DURABLE)
        self.tip = tip
        return count

    async def _stamp(self, session: AsyncClientSession) -> tuple[Tip, int]:
        found = in_order(await self._find(session))
        if not found:
            return self.tip, 0
        tip, writes = self.tip, []
        for document in found:
            seq = tip.seq + 1
            tip = Tip(seq, link(tip.head, {**document, "seq": seq}))
            writes.append(UpdateOne({"_id": document["_id"], **UNNUMBERED}, {"$set": {"seq": seq, "hash": tip.head}}))
        written = await self._events.bulk_write(writes, ordered=False, session=session)
        here = {**self._mine(), "seq": self.tip.seq}
        kept = await self._state.update_one(here, {"$set": {"seq": tip.seq, "head": tip.head}}, session=session)
        if not kept.matched_count or written.matched_count != len(writes):
            raise LeaseLostError("Another sequencer has taken over.")
        return tip, len(writes)

    async def expire(self, before: datetime) -> int:
        """Removes the oldest records as long as they are older, in one transaction; the hash of the last of them is
        kept, so that the chain can still be followed. Answers with how many; `size`: there may be more.

        Raises LeaseLostError as `stamp` does.
        """
        assert self._session is not None, "open it first"

        async def remove(session: AsyncClientSession) -> int:
            oldest = self._events.find({"seq": {"$gt": 0}}, {"seq": 1, "hash": 1, "at": 1}, session=session)
            found = await oldest.sort("seq", 1).limit(self._size).to_list()
            gone = list(takewhile(lambda one: _time(one) < before, found))
            if gone:
                facts = {"first": gone[-1]["seq"] + 1, "anchor": gone[-1].get("hash")}
                await self._events.delete_many({"_id": {"$in": [one["_id"] for one in gone]}}, session=session)
                kept = await self._state.update_one(self._mine(), {"$set": facts}, session=session)
                if not kept.matched_count:
                    raise LeaseLostError("Another sequencer has taken over.")
            return len(gone)

        with pymongo.timeout(self._seconds):
            return await self._session.with_transaction(remove, SNAPSHOT, DURABLE)

    async def _find(self, session: AsyncClientSession) -> list[Document]:
        """The oldest without a number, and with each all earlier ones of its prompt."""
        cursor = self._events.find(UNNUMBERED, hint=BY_TIME, session=session).sort("at", 1).limit(self._size)
        found = await cursor.to_list()
        if len(found) < self._size:
            return found
        last: dict[Any, int] = {}
        for one in found:
            prompt = one.get("prompt_id")
            last[prompt] = max(_revision(one), last.get(prompt, 0))
        # Clocks differ, so an earlier revision may have a later time and lie beyond the batch.
        roads = [{"prompt_id": prompt, "rev": {"$lt": revision}} for prompt, revision in last.items()]
        where = {**UNNUMBERED, "$or": roads}
        most = 2 * self._size
        cursor = self._events.find(where, hint=BY_REVISION, session=session)
        earlier = await cursor.sort([("prompt_id", 1), ("rev", 1)]).limit(most).to_list()
        if len(earlier) == most:
            return earlier  # each prompt's own beginning, which can be numbered as well
        return list({one["_id"]: one for one in (*found, *earlier)}.values())

    async def _recover(self, top: Document | None, kept: Document) -> Document:
        """The document was lost, or is older than the events: the events themselves say how far the numbers reach."""
        low = await self._events.find_one({"seq": {"$gt": 0}}, sort=[("seq", 1)])
        first = low["seq"] if low else 1
        facts = {
            "seq": top["seq"] if top else 0,
            "head": top.get("hash", GENESIS) if top else GENESIS,
            "first": first,
            "anchor": GENESIS if first == 1 else kept.get("anchor") if kept.get("first") == first else None,
        }
        result = await self._state.update_one(self._mine(), {"$set": facts})
        if not result.matched_count:
            raise LeaseLostError("Another sequencer holds the lease.")
        return facts

    def _mine(self) -> Document:
        return {"_id": FEED, "holder": self._holder, "fence": self._fence}


def in_order(events: list[Document]) -> list[Document]:
    """By time, but never before an earlier revision of the same prompt."""
    times: dict[str, datetime] = {}
    keyed = []
    for event in sorted(events, key=_revision):
        prompt, time = str(event.get("prompt_id") or event["_id"]), _time(event)
        times[prompt] = time = max(time, times.get(prompt, time))
        keyed.append(((time, prompt, _revision(event), str(event["_id"])), event))
    return [event for _, event in sorted(keyed, key=lambda pair: pair[0])]


def _revision(event: Document) -> int:
    revision = event.get("rev")
    return revision if isinstance(revision, int) else 0


def _time(event: Document) -> datetime:
    """A record that somebody else has made must not stop the feed: without a time it goes first."""
    at = event.get("at")
    return at if isinstance(at, datetime) else LONG_AGO

"""Reads the whole chain and says where it is broken first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import pymongo
from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from search_sync.chain import GENESIS, link
from search_sync.ledger import FEED

Document = dict[str, Any]
OnStep = Callable[[int, int], None]
"""Is told how many of how many records are looked at."""

PAGE = 1_000
CALL_SECONDS = 60.0


class Flaw(StrEnum):
    """MISSING: no record has the number. DOUBLE: two have. ALTERED: content or order is not as it was chained.

    CUT: the records end before the chain does. BEYOND: they go on after it. FOREIGN: the record is not the one that was
    noted down elsewhere.
    """

    MISSING = "missing"
    DOUBLE = "double"
    ALTERED = "altered"
    CUT = "cut"
    BEYOND = "beyond"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first record at which something is wrong; `id` is None where there is none."""

    flaw: Flaw
    seq: int
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Records `first` to `last` were looked at, and `head` is the last one's hash.

    `is_anchored` is False when nobody knows the hash before the first, so that this one is taken on trust.
    """

    first: int
    last: int
    head: str
    is_anchored: bool
    finding: Finding | None = None


async def check_chain(
    database: AsyncDatabase[Document], known: tuple[int, str] | None = None, on_step: OnStep = lambda done, all: None
) -> Checked:
    """Follows the chain from what retention has left to where it ends now. `known` is a number and its hash, as noted
    down elsewhere; one that retention has removed says nothing.
    """
    aware: AsyncDatabase[Document] = database.with_options(
        codec_options=CodecOptions(tz_aware=True), read_concern=ReadConcern("majority")
    )
    while True:
        state = await _state(aware)
        checked = await _Check(aware, state, known, on_step).run()
        if checked.finding is None and (beyond := await _find_beyond(aware, state.get("seq", 0))):
            checked = replace(checked, finding=beyond)
        moved = (await _state(aware)).get("first", 1)
        if checked.finding is None or moved == state.get("first", 1):
            return checked  # else retention went on meanwhile, and what was missed may be what it has removed


async def _state(database: AsyncDatabase[Document]) -> Document:
    with pymongo.timeout(CALL_SECONDS):
        return await database.sync_state.find_one({"_id": FEED}) or {}


async def _find_beyond(database: AsyncDatabase[Document], last: int) -> Finding | None:
    """The first numbered record after the chain's end. What was numbered meanwhile moved the end in the same moment, so
    the end is asked for again after it was seen.
    """
    with pymongo.timeout(CALL_SECONDS):
        found = await database.events.find_one({"seq": {"$gt": last}}, sort=[("seq", 1)])
    if found is None or found["seq"] <= (await _state(database)).get("seq", 0):
        return None
    return Finding(Flaw.BEYOND, found["seq"], str(found["_id"]))


class _Check:
    def __init__(
        self, database: AsyncDatabase[Document], state: Document, known: tuple[int, str] | None, on_step: OnStep
    ) -> None:
        self._events = database.events
        self._state = state
        self._known = known
        self._on_step = on_step
        self._first, self._last = state.get("first", 1), state.get("seq", 0)
        self._seq, self._head = self._first - 1, state.get("anchor", GENESIS)

    async def run(self) -> Checked:
        """Page by page, until the end or the first flaw."""
        while self._seq < self._last:
            page = await self._read()
            finding = next((found for record in page if (found := self._look(record))), None)
            if finding is None and not page:
                finding = Finding(Flaw.CUT, self._seq + 1)
            if finding is not None:
                return self._tell(finding)
            self._on_step(self._seq - self._first + 1, self._last - self._first + 1)
        is_cut = self._head not in (None, self._state.get("head", GENESIS))
        return self._tell(Finding(Flaw.ALTERED, self._seq) if is_cut else self._foreign(self._first - 1))

    async def _read(self) -> list[Document]:
        with pymongo.timeout(CALL_SECONDS):
            where = {"seq": {"$gt": self._seq, "$lte": self._last}}
            return await self._events.find(where).sort("seq", 1).limit(PAGE).to_list()

    def _look(self, record: Document) -> Finding | None:
        seq, head, name = record["seq"], self._head, str(record["_id"])
        if seq != self._seq + 1:
            return Finding(Flaw.DOUBLE, seq, name) if seq == self._seq else Finding(Flaw.MISSING, self._seq + 1)
        self._seq, self._head = seq, record.get("hash")
        if head is not None and link(head, record) != self._head:
            return Finding(Flaw.ALTERED, seq, name)
        return self._foreign(seq, name)

    def _foreign(self, seq: int, name: str | None = None) -> Finding | None:
        is_it = self._known is not None and self._known[0] == seq
        return Finding(Flaw.FOREIGN, seq, name) if self._known and is_it and self._known[1] != self._head else None

    def _tell(self, finding: Finding | None) -> Checked:
        if finding is None and self._known and self._known[0] > self._last:
            finding = Finding(Flaw.CUT, self._last + 1)
        head = self._head or GENESIS
        return Checked(self._first, self._seq, head, self._state.get("anchor", GENESIS) is not None, finding)

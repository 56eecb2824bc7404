"""What a person asks of the worker: to build the index anew, to compare it with the store, to repair it.

An order lies in `sync_state` until the lease's holder takes it, one at a time; it writes its progress and the result
back there. One that was begun by a worker that has died is begun again by the next.

Whoever waits for an order says so again and again. When that ends, however it ended, the order is carried out no more.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pymongo
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.sync_state import open_state

Document = dict[str, Any]

_KEPT = timedelta(days=1)
_CALL_SECONDS = 10.0


class OrderKind(StrEnum):
    """RETRY offers the refused documents again; RESYNC brings the named prompts."""

    REINDEX = "reindex"
    VERIFY = "verify"
    REPAIR = "repair"
    RETRY = "retry"
    RESYNC = "resync"


class OrderState(StrEnum):
    """DONE and FAILED are the end."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


NOBODY_WAITS = "Nobody waited for it any more."
_IS_FORSAKEN: Document = {"$expr": {"$lt": [{"$ifNull": ["$wanted_until", "$$NOW"]}, "$$NOW"]}}
_OPEN: Document = {"$in": [OrderState.WAITING.value, OrderState.RUNNING.value]}


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands. `done` of `total` are what its phase counts; `ids` are for RESYNC."""

    id: ObjectId
    kind: OrderKind
    state: OrderState = OrderState.WAITING
    phase: str = ""
    done: int = 0
    total: int = 0
    result: Document = field(default_factory=dict)
    error: str | None = None
    ids: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.state in (OrderState.DONE, OrderState.FAILED)


class Orders:
    """The orders to the worker of one index."""

    def __init__(self, database: AsyncDatabase[Document], index: str) -> None:
        self._state = open_state(database)
        self._index = index

    async def place(
        self,
        kind: OrderKind,
        ids: tuple[str, ...] = (),
        *,
        order: ObjectId | None = None,
        wanted_seconds: float | None = None,
    ) -> ObjectId:
        """Leaves an order, under the id `order` if that is given; what became of those of yesterday is forgotten.

        It is wanted for so many seconds by the database's clock, unless `want` prolongs that; without, for ever.
        """
        order, now = order or ObjectId(), datetime.now(UTC)
        facts = {
            "order_for": {"$literal": self._index},
            "kind": kind.value,
            "state": OrderState.WAITING.value,
            "placed_at": now,
            "ids": {"$literal": list(ids)},
            **({} if wanted_seconds is None else {"wanted_until": _from_now(wanted_seconds)}),
        }
        with pymongo.timeout(_CALL_SECONDS):
            await self._state.delete_many({"order_for": self._index, "over_at": {"$lt": now - _KEPT}})
            await self._state.update_one({"_id": order}, [{"$set": facts}], upsert=True)
        return order

    async def want(self, order: ObjectId, seconds: float) -> None:
        """Somebody waits for it, and goes on waiting for so many seconds at least."""
        with pymongo.timeout(_CALL_SECONDS):
            wanted = [{"$set": {"wanted_until": _from_now(seconds)}}]
            await self._state.update_one({"_id": order, "state": _OPEN}, wanted)

    async def get(self, order: ObjectId) -> Order | None:
        """The order as it stands; None when it is gone, as after the database was dropped."""
        with pymongo.timeout(_CALL_SECONDS):
            found = await self._state.find_one({"_id": order})
        return _from_document(found) if found else None

    async def next(self) -> Order | None:
        """The oldest that is not over. One that makes no sense fails at once, lest it hold up those behind it."""
        while found := await self._find_oldest():
            if await self._drop_forsaken(found["_id"]):
                continue
            try:
                return _from_document(found)
            except (KeyError, TypeError, ValueError):
                reason = f"This worker does not know how to {str(found.get('kind'))[:100]!r}: is it of another release?"
                await self.fail(found["_id"], reason)
        return None

    async def tell(self, order: ObjectId, phase: str, done: int, total: int) -> None:
        """Says how far it has come."""
        await self._go_on(order, state=OrderState.RUNNING.value, phase=phase, done=done, total=total)

    async def close(self, order: ObjectId, result: Document) -> None:
        """It is done."""
        await self._go_on(order, state=OrderState.DONE.value, result=result, over_at=datetime.now(UTC))

    async def fail(self, order: ObjectId, error: str) -> None:
        """It cannot be done."""
        await self._go_on(order, state=OrderState.FAILED.value, error=error, over_at=datetime.now(UTC))

    async def withdraw(self, order: ObjectId, reason: str) -> None:
        """Nobody waits for it any more, so nobody carries it out; what is over stays as it is."""
        await self.fail(order, reason)

    async def is_withdrawn(self, order: ObjectId) -> bool:
        """Whether it is over or gone or waited for by nobody, so that there is nothing left to do."""
        await self._drop_forsaken(order)
        found = await self.get(order)
        return found is None or found.is_over

    async def _find_oldest(self) -> Document | None:
        with pymongo.timeout(_CALL_SECONDS):
            return await self._state.find_one({"order_for": self._index, "state": _OPEN}, sort=[("_id", 1)])

    async def _drop_forsaken(self, order: ObjectId) -> bool:
        """As if it were withdrawn, when nobody has said for too long that he waits for it."""
        over = {"state": OrderState.FAILED.value, "error": NOBODY_WAITS, "over_at": datetime.now(UTC)}
        with pymongo.timeout(_CALL_SECONDS):
            dropped = await self._state.update_one({"_id": order, "state": _OPEN, **_IS_FORSAKEN}, {"$set": over})
        return dropped.modified_count > 0

    async def _go_on(self, order: ObjectId, **facts: Any) -> None:
        """What is over stays over: a worker may still be at what was withdrawn."""
        with pymongo.timeout(_CALL_SECONDS):
            await self._state.update_one({"_id": order, "state": _OPEN}, {"$set": facts})


def _from_now(seconds: float) -> Document:
    return {"$add": ["$$NOW", round(seconds * 1_000)]}


def _from_document(document: Document) -> Order:
    return Order(
        id=document["_id"],
        kind=OrderKind(document["kind"]),
        state=OrderState(document["state"]),
        phase=document.get("phase", ""),
        done=document.get("done", 0),
        total=document.get("total", 0),
        result=document.get("result", {}),
        error=document.get("error"),
        ids=tuple(document.get("ids", ())),
    )

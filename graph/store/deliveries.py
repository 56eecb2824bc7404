"""The deliveries of webhooks: a queue while they wait, and the log of how they went."""

from collections.abc import Sequence
from datetime import datetime

from pymongo.errors import BulkWriteError

from graph.domain.events import EventKind
from graph.domain.paging import Page, PageRequest
from graph.domain.webhooks import Attempt, Delivery, DeliveryState
from graph.store.codec import Document
from graph.store.database import Database
from graph.store.pages import read_page

PIECE = 1_000
DUPLICATE_KEY = 11_000


class DeliveryStore:
    """The collection `webhook_deliveries`. What is over goes by itself at its `expires_at`; what waits has none."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._deliveries = database.collection("webhook_deliveries")

    async def add(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Queues them and answers with those that are new: one that is there already is left as it is."""
        if not deliveries:
            return []
        known: set[int] = set()
        try:
            with self._database.bounded():
                await self._deliveries.insert_many([_to_document(one) for one in deliveries], ordered=False)
        except BulkWriteError as error:
            faults = error.details["writeErrors"]
            if not faults or any(one["code"] != DUPLICATE_KEY for one in faults):
                raise
            known = {one["index"] for one in faults}
        return [one for index, one in enumerate(deliveries) if index not in known]

    async def waiting(self, webhook_id: str, run: int) -> list[Delivery]:
        """What waits in this run, oldest event first, without the attempts that were made."""
        return await self._waiting({"webhook": webhook_id, "run": run})

    async def waiting_among(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those of them that wait, the same way."""
        return await self._waiting({"_id": {"$in": [one.id for one in deliveries]}})

    async def _waiting(self, where: Document) -> list[Delivery]:
        where = {**where, "state": DeliveryState.WAITING.value}
        with self._database.bounded():
            found = await self._deliveries.find(where, {"attempts": 0}).sort("_id", 1).to_list()
        return [_from_document(document) for document in found]

    async def record(
        self, delivery: Delivery, attempt: Attempt | None, most_attempts: int, expires_at: datetime | None
    ) -> None:
        """Writes how the delivery stands now, and the attempt that made it so. One that is gone stays gone."""
        change: Document = {
            "$set": {
                "state": delivery.state.value,
                "failures": delivery.failures,
                "first_failed_at": delivery.first_failed_at,
                "next_at": delivery.next_at,
                "finished_at": delivery.finished_at,
                **({"expires_at": expires_at} if expires_at else {}),
            }
        }
        if attempt is not None:
            told = {"at": attempt.at, "ms": attempt.latency_ms, "status": attempt.status, "error": attempt.error}
            change |= {"$inc": {"attempt_count": 1}, "$push": {"attempts": {"$each": [told], "$slice": -most_attempts}}}
        with self._database.bounded():
            await self._deliveries.update_one({"_id": delivery.id}, change)

    async def hurry(self, webhook_id: str) -> None:
        """Lets everything that waits be tried at once, its failures forgotten."""
        where = {"webhook": webhook_id, "state": DeliveryState.WAITING.value}
        with self._database.bounded():
            await self._deliveries.update_many(
                where, {"$set": {"failures": 0, "first_failed_at": None, "next_at": None}}
            )

    async def has_delivered_since(self, webhook_id: str, at: datetime) -> bool:
        """Whether anything has been delivered since."""
        where = {"webhook": webhook_id, "state": DeliveryState.DELIVERED.value, "finished_at": {"$gte": at}}
        with self._database.bounded():
            return await self._deliveries.find_one(where, {"_id": 1}) is not None

    async def page(self, webhook_id: str, request: PageRequest) -> Page[Delivery]:
        """A page of the log, the newest events of the newest run first. Positions are the delivery's id."""
        with self._database.bounded():
            return await read_page(self._deliveries, {"webhook": webhook_id}, ["_id"], True, request, _from_document)

    async def count(self, webhook_id: str) -> int:
        """How many the log has."""
        with self._database.bounded():
            return await self._deliveries.count_documents({"webhook": webhook_id})

    async def forget_waiting(self, webhook_id: str, before_run: int) -> None:
        """Removes what earlier runs have left waiting."""
        waiting = {"state": DeliveryState.WAITING.value, "run": {"$lt": before_run}}
        await self._remove({"webhook": webhook_id, **waiting})

    async def trim(self, webhook_id: str, keep: int) -> None:
        """Leaves the log as many entries as it may have, the newest."""
        over = {"webhook": webhook_id, "state": {"$ne": DeliveryState.WAITING.value}}
        with self._database.bounded():
            found = await self._deliveries.find(over, {"_id": 1}).sort("_id", -1).skip(keep).limit(1).to_list()
        if found:
            await self._remove({**over, "_id": {"$lte": found[0]["_id"]}})

    async def clear(self, webhook_id: str) -> None:
        """Removes all of a webhook's."""
        await self._remove({"webhook": webhook_id})

    async def clear_others(self, webhook_ids: Sequence[str]) -> None:
        """Removes what belongs to no webhook any more: a crash may have left it."""
        await self._remove({"webhook": {"$nin": list(webhook_ids)}})

    async def _remove(self, where: Document) -> None:
        while True:
            with self._database.bounded():
                found = await self._deliveries.find(where, {"_id": 1}).limit(PIECE).to_list()
                if found:
                    await self._deliveries.delete_many({"_id": {"$in": [one["_id"] for one in found]}})
            if len(found) < PIECE:
                return


def _to_document(delivery: Delivery) -> Document:
    return {
        "_id": delivery.id,
        "webhook": delivery.webhook_id,
        "run": delivery.run,
        "seq": delivery.seq,
        "message_id": delivery.message_id,
        "prompt_id": delivery.prompt_id,
        "kind": delivery.kind.value,
        "created_at": delivery.created_at,
        "state": delivery.state.value,
        "attempt_count": delivery.attempt_count,
        "attempts": [],
        "failures": delivery.failures,
        "first_failed_at": delivery.first_failed_at,
        "next_at": delivery.next_at,
        "finished_at": delivery.finished_at,
    }


def _from_document(document: Document) -> Delivery:
    return Delivery(
        id=document["_id"],
        webhook_id=document["webhook"],
        run=document["run"],
        seq=document["seq"],
        message_id=document["message_id"],
        prompt_id=document["prompt_id"],
        kind=EventKind(document["kind"]),
        created_at=document["created_at"],
        state=DeliveryState(document["state"]),
        attempt_count=document["attempt_count"],
        attempts=tuple(
            Attempt(one["at"], one["ms"], one["status"], one["error"]) for one in document.get("attempts", ())
        ),
        failures=document["failures"],
        first_failed_at=document["first_failed_at"],
        next_at=document["next_at"],
        finished_at=document["finished_at"],
    )

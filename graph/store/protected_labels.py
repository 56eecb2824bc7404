"""Which labels are protected, once somebody has said so: one list for all processes."""

from collections.abc import Iterable

from graph.store.database import Database, Document

ID = "protected_labels"


class ProtectedLabelStore:
    """One document of the collection `rules`. While it is not there, each process's own setting holds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rules = database.collection("rules")

    async def read(self) -> frozenset[str] | None:
        """The names; None while nobody has said anything."""
        with self._database.bounded():
            document = await self._rules.find_one({"_id": ID})
        return frozenset(document["names"]) if document else None

    async def add(self, name: str, start: Iterable[str], most: int) -> frozenset[str]:
        """The names with this one, unless there are `most` already; `start` is what holds while there are none."""
        held = _held(start)
        room = {"$lt": [{"$size": held}, most]}
        return await self._write({"$cond": [room, {"$setUnion": [held, [name]]}, held]})

    async def remove(self, name: str, start: Iterable[str]) -> frozenset[str]:
        """The names without this one."""
        return await self._write({"$setDifference": [_held(start), [name]]})

    async def _write(self, names: Document) -> frozenset[str]:
        # A pipeline, so that the start value is taken and changed in one step, whoever else does so at this moment.
        with self._database.bounded():
            document = await self._rules.find_one_and_update(
                {"_id": ID}, [{"$set": {"names": names}}], upsert=True, return_document=True
            )
        assert document is not None, "an upsert answers with what is there"
        return frozenset(document["names"])


def _held(start: Iterable[str]) -> Document:
    return {"$ifNull": ["$names", sorted(start)]}

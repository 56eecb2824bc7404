"""Which labels are protected, once somebody has said so: one list for all processes."""

from collections.abc import Callable, Iterable

from graph.domain.audit import Record
from graph.store.audit import AuditStore
from graph.store.database import Database, Session

Change = Callable[[frozenset[str]], frozenset[str]]

ID = "protected_labels"


class ProtectedLabelStore:
    """One document of the collection `rules`. While it is not there, each process's own setting holds."""

    def __init__(self, database: Database, audit: AuditStore) -> None:
        self._database = database
        self._rules = database.collection("rules")
        self._audit = audit

    async def read(self) -> frozenset[str] | None:
        """The names; None while nobody has said anything."""
        with self._database.bounded():
            document = await self._rules.find_one({"_id": ID})
        return frozenset(document["names"]) if document else None

    async def add(self, name: str, start: Iterable[str], most: int, record: Record) -> frozenset[str]:
        """The names with this one, unless there are `most` already; `start` is what holds while there are none."""
        return await self._write(lambda held: held | {name} if len(held) < most else held, start, record)

    async def remove(self, name: str, start: Iterable[str], record: Record) -> frozenset[str]:
        """The names without this one."""
        return await self._write(lambda held: held - {name}, start, record)

    async def _write(self, change: Change, start: Iterable[str], record: Record) -> frozenset[str]:
        """Changes the names, and writes the record of it when they are others than before."""

        async def write(session: Session) -> frozenset[str]:
            document = await self._rules.find_one({"_id": ID}, session=session)
            held = frozenset(document["names"] if document else start)
            names = change(held)
            if names != held:
                await self._rules.replace_one({"_id": ID}, {"names": sorted(names)}, upsert=True, session=session)
                await self._audit.append(record, session)
            return names

        return await self._database.transact(write)

"""The audit: records beside the events, in their collection and their chain, and both read as one list."""

from collections.abc import Sequence

from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from graph.domain.actors import Access, Scope
from graph.domain.audit import AuditEntry, AuditFilter, AuditKind, Record
from graph.domain.events import Signature
from graph.store.codec import Document, sight_from_document
from graph.store.database import Database, Session
from graph.store.log import seen_on_a_side
from graph.store.signatures import signature_to_document
from graph.store.visibility import Filter, both, readable

DUPLICATE = 11000


class AuditStore:
    """Records are documents of `events` without a `prompt_id`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._events = database.collection("events")
        self._read = self._events.with_options(read_concern=ReadConcern("majority"))

    async def append(self, record: Record, session: Session) -> None:
        """Writes a record in the transaction of what it tells of."""
        await self._events.insert_one(_to_document(record), session=session)

    async def append_many(self, records: Sequence[Record]) -> None:
        """Writes records that stand for themselves, once each however often this is tried."""
        try:
            with self._database.bounded():
                await self._events.insert_many([_to_document(record) for record in records], ordered=False)
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE for one in error.details["writeErrors"]):
                raise

    async def read(self, access: Access, where: AuditFilter, after: int, before: int, size: int) -> list[AuditEntry]:
        """At most `size` entries with `after < seq < before` that the caller may know of, newest first."""
        question = audited(access, where, after, before)
        with self._database.bounded():
            found = await self._read.find(question).sort("seq", -1).hint("seq").limit(size).to_list()
        return [_from_document(document) for document in found]

    async def count(self, access: Access, where: AuditFilter, after: int, before: int) -> int:
        """How many those are."""
        with self._database.bounded():
            return await self._read.count_documents(audited(access, where, after, before), hint="seq")


def audited(access: Access, where: AuditFilter, after: int, before: int) -> Filter:
    """The entries between two places that match and that the caller may know of.

    Who reaches every folder sees all; others see what happened to prompts in theirs, and nothing of keys and rules.
    """
    taken: list[Filter] = [{"seq": {"$gt": after, "$lt": before}}]
    for name, values in (
        ("actor", where.actor_ids),
        ("key", where.key_ids),
        ("prompt_id", where.prompt_ids),
        ("kind", tuple(AuditKind) if where.kinds is None else where.kinds),  # another release may know more of them
    ):
        if values is not None:
            taken.append({name: {"$in": [str(value) for value in values]}})
    if where.since is not None:
        taken.append({"at": {"$gte": where.since}})
    if where.until is not None:
        taken.append({"at": {"$lt": where.until}})
    within = readable(Access(access.actor, frozenset({Scope.PROMPTS_READ}), access.grants))
    return both(*taken, seen_on_a_side(within) if within else {})


def _to_document(record: Record) -> Document:
    return {
        "_id": record.id,
        "kind": record.kind.value,
        **signature_to_document(record.signature),
        "change": record.detail,
    }


def _from_document(document: Document) -> AuditEntry:
    return AuditEntry(
        id=str(document["_id"]),
        seq=document["seq"],
        hash=document["hash"],
        kind=AuditKind(document["kind"]),
        signature=Signature(
            document.get("actor"),
            document.get("key"),
            document["at"],
            document.get("address"),
            document.get("request"),
        ),
        prompt_id=document.get("prompt_id"),
        before=sight_from_document(document.get("before")),
        after=sight_from_document(document.get("after")),
        detail=document.get("change", {}),
    )

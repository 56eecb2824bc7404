"""The append-only record of changes, each written in the transaction of its change."""

from graph.domain.events import EventKind, Sight, Signature, sight_of
from graph.domain.json_values import JSONObject
from graph.domain.paging import Page, PageRequest
from graph.domain.prompts import LabelMove, Prompt
from graph.store.codec import Document, sight_to_document
from graph.store.database import Database, Session
from graph.store.pages import read_page
from graph.store.signatures import signature_to_document

LABEL_KINDS = [EventKind.LABEL_SET.value, EventKind.LABEL_REMOVED.value]


class EventStore:
    """One document for each revision of a prompt: its `_id` is both, so that no revision can have two."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._events = database.collection("events")

    async def append(
        self,
        session: Session,
        kind: EventKind,
        before: Prompt | None,
        after: Prompt | None,
        revision: int,
        signature: Signature,
        detail: JSONObject,
    ) -> None:
        """Writes the event of a change that is being made in the same transaction."""
        prompt = after or before
        assert prompt is not None, "an event is of a prompt that is there before or after"
        await self._events.insert_one(
            event_to_document(
                kind,
                prompt.id,
                revision,
                signature,
                sight_of(before) if before else None,
                sight_of(after) if after else None,
                detail,
            ),
            session=session,
        )

    async def label_moves(self, prompt_id: str, label: str, page: PageRequest) -> Page[LabelMove]:
        """The label's ledger, newest first; positions are revisions."""
        where = {"prompt_id": prompt_id, "change.label": label, "kind": {"$in": LABEL_KINDS}}
        with self._database.bounded():
            return await read_page(self._events, where, ["rev"], descending=True, request=page, decode=_move)

    async def count_label_moves(self, prompt_id: str, label: str) -> int:
        """How many lines the ledger has."""
        where = {"prompt_id": prompt_id, "change.label": label, "kind": {"$in": LABEL_KINDS}}
        with self._database.bounded():
            return await self._events.count_documents(where)


def event_to_document(
    kind: EventKind,
    prompt_id: str,
    revision: int,
    signature: Signature,
    before: Sight | None,
    after: Sight | None,
    detail: JSONObject,
) -> Document:
    """An event as it lies in the collection. `seq` is stamped on it later."""
    return {
        "_id": f"{prompt_id}:{revision}",
        "kind": kind.value,
        "prompt_id": prompt_id,
        "rev": revision,
        **signature_to_document(signature),
        "before": sight_to_document(before),
        "after": sight_to_document(after),
        "change": detail,
    }


def _move(document: Document) -> LabelMove:
    change = document["change"]
    return LabelMove(
        revision=document["rev"],
        name=change["label"],
        from_version=change["from"],
        to_version=change["to"],
        moved_at=document["at"],
        moved_by=document["actor"],
    )

"""Webhooks, as their owners set them and as far as they have come."""

from datetime import datetime

from graph.domain.actors import Grant, Scope
from graph.domain.audit import Record
from graph.domain.events import EventKind
from graph.domain.feed import EventFilter
from graph.domain.paging import Page, PageRequest
from graph.domain.webhooks import PauseReason, SecretMark, Webhook
from graph.store.audit import AuditStore
from graph.store.codec import Document
from graph.store.database import Database, Session
from graph.store.pages import by_time, read_page

KEYS = ["created_at", "_id"]


class WebhookStore:
    """The collection `webhooks`. An `owner_id` of None in a question means all owners."""

    def __init__(self, database: Database, audit: AuditStore) -> None:
        self._database = database
        self._webhooks = database.collection("webhooks")
        self._audit = audit

    async def insert(self, webhook: Webhook, record: Record) -> None:
        """Writes a new one, and the record of it."""

        async def write(session: Session) -> None:
            await self._webhooks.insert_one(_to_document(webhook), session=session)
            await self._audit.append(record, session)

        await self._database.transact(write)

    async def find(self, webhook_id: str) -> Webhook | None:
        """The webhook of this id; None when there is none."""
        with self._database.bounded():
            document = await self._webhooks.find_one({"_id": webhook_id})
        return _from_document(document) if document else None

    async def page(self, owner_id: str | None, request: PageRequest) -> Page[Webhook]:
        """A page, newest first. Positions are milliseconds since 1970 and the id."""
        with self._database.bounded():
            return await read_page(self._webhooks, _of(owner_id), KEYS, True, by_time(request), _from_document)

    async def count(self, owner_id: str | None) -> int:
        """How many there are."""
        with self._database.bounded():
            return await self._webhooks.count_documents(_of(owner_id))

    async def list_active(self) -> list[Webhook]:
        """All that are to be served now."""
        with self._database.bounded():
            return [_from_document(one) for one in await self._webhooks.find({"reason": None}).to_list()]

    async def list_ids(self) -> list[str]:
        """The ids of all there are."""
        with self._database.bounded():
            return [one["_id"] for one in await self._webhooks.find({}, {"_id": 1}).to_list()]

    async def change(self, before: Webhook, after: Webhook, record: Record | None = None) -> Webhook | None:
        """Writes what differs, and the record of it, and leaves the rest to whoever else writes; answers with all as it
        is then. What follows from a deed that is recorded already, as a key's rotation is, needs no record.

        None when there is no such webhook any more, or it was set anew meanwhile.
        """
        old, new = _to_document(before), _to_document(after)
        changed = {key: value for key, value in new.items() if old[key] != value}
        where = {"_id": before.id, "run": before.run}
        if changed:
            return await self._update(where, {"$set": changed}, record)
        with self._database.bounded():
            document = await self._webhooks.find_one(where)
        return _from_document(document) if document else None

    async def advance(self, webhook: Webhook, position: int) -> bool:
        """Moves the position on; False when it is not where it was, or the webhook was set anew, paused or deleted."""
        where = {"_id": webhook.id, "run": webhook.run, "position": webhook.position, "reason": None}
        with self._database.bounded():
            return (await self._webhooks.update_one(where, {"$set": {"position": position}})).matched_count == 1

    async def pause(self, webhook: Webhook, reason: PauseReason, at: datetime) -> bool:
        """Pauses it as long as it is active and as it was; False when it is not."""
        where = {"_id": webhook.id, "run": webhook.run, "url": webhook.url, "key": webhook.key_id, "reason": None}
        with self._database.bounded():
            found = await self._webhooks.update_one(where, {"$set": {"reason": reason.value, "paused_at": at}})
        return found.matched_count == 1

    async def set_anew(self, webhook_id: str, position: int, record: Record) -> Webhook | None:
        """Lets it go on from another place; None when there is none of this id."""
        return await self._update({"_id": webhook_id}, {"$set": {"position": position}, "$inc": {"run": 1}}, record)

    async def delete(self, webhook_id: str, record: Record) -> None:
        """Removes it, once; its deliveries are another matter."""

        async def write(session: Session) -> None:
            if (await self._webhooks.delete_one({"_id": webhook_id}, session=session)).deleted_count:
                await self._audit.append(record, session)

        await self._database.transact(write)

    async def _update(self, where: Document, update: Document, record: Record | None) -> Webhook | None:
        async def write(session: Session) -> Document | None:
            found = await self._webhooks.find_one_and_update(where, update, return_document=True, session=session)
            if found is not None and record is not None:
                await self._audit.append(record, session)
            return found

        document = await self._database.transact(write)
        return _from_document(document) if document else None


def _of(owner_id: str | None) -> Document:
    return {} if owner_id is None else {"owner": owner_id}


def _to_document(webhook: Webhook) -> Document:
    where = webhook.where
    return {
        "_id": webhook.id,
        "url": webhook.url,
        "where": {
            "prompt_ids": _list(where.prompt_ids),
            "folders": _list(where.folders),
            "tags": _list(where.tags),
            "labels": _list(where.labels),
            "kinds": _list(where.kinds),
        },
        "owner": webhook.owner_id,
        "key": webhook.key_id,
        "scopes": sorted(scope.value for scope in webhook.scopes),
        "grants": [{"folder": grant.folder, "can_write": grant.can_write} for grant in webhook.grants],
        "secrets": [{"nonce": mark.nonce, "check": mark.check, "until": mark.until} for mark in webhook.secrets],
        "position": webhook.position,
        "created_at": webhook.created_at,
        "run": webhook.run,
        "reason": webhook.reason.value if webhook.reason else None,
        "paused_at": webhook.paused_at,
    }


def _from_document(document: Document) -> Webhook:
    return Webhook(
        id=document["_id"],
        url=document["url"],
        where=_filter(document["where"]),
        owner_id=document["owner"],
        key_id=document["key"],
        scopes=frozenset(Scope(scope) for scope in document["scopes"]),
        grants=tuple(Grant(grant["folder"], grant["can_write"]) for grant in document["grants"]),
        secrets=tuple(
            SecretMark(bytes(mark["nonce"]), bytes(mark["check"]), mark["until"]) for mark in document["secrets"]
        ),
        position=document["position"],
        created_at=document["created_at"],
        run=document["run"],
        reason=PauseReason(document["reason"]) if document["reason"] else None,
        paused_at=document["paused_at"],
    )


def _filter(document: Document) -> EventFilter:
    kinds = document["kinds"]
    return EventFilter(
        prompt_ids=_tuple(document["prompt_ids"]),
        folders=_tuple(document["folders"]),
        tags=_tuple(document["tags"]),
        labels=_tuple(document["labels"]),
        kinds=None if kinds is None else tuple(EventKind(kind) for kind in kinds),
    )


def _list(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else [str(value) for value in values]


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)

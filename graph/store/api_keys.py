"""API keys, by the SHA-256 of their secret."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime

from graph.domain.actors import Access, Actor, ApiKey, Grant, Scope
from graph.domain.audit import Record
from graph.domain.paging import Page, PageRequest
from graph.store.actors import actor_from_document
from graph.store.audit import AuditStore
from graph.store.codec import Document
from graph.store.database import Database, Session
from graph.store.kept import Kept
from graph.store.pages import by_time, read_page
from graph.store.visibility import Filter, both, under_folder

KEY_BYTES = 3_000
GRANT_BYTES = 1_300  # with the longest folder


class ApiKeyStore:
    """The collection `api_keys`. The keys themselves are nowhere."""

    def __init__(self, database: Database, audit: AuditStore, kept: Kept[tuple[ApiKey, Actor]]) -> None:
        self._database = database
        self._kept = kept
        self._keys = database.collection("api_keys")
        self._audit = audit

    async def insert(self, key: ApiKey, record: Record) -> None:
        """Writes a new key, and the record of it."""

        async def write(session: Session) -> None:
            await self._keys.insert_one(_to_document(key), session=session)
            await self._audit.append(record, session)

        await self._database.transact(write)

    async def find_by_digest(self, sha256: str) -> tuple[ApiKey, Actor] | None:
        """The key whose secret has this digest, and who acts with it, in one round trip or as it is kept.

        That the index is searched by the digest and not in constant time tells nothing of use: the time speaks of
        the digest's beginning, which nobody can choose who cannot invert SHA-256, and no digest leads back to 32
        random bytes. The whole digest is compared in constant time all the same.
        """
        pipeline: list[Document] = [
            {"$match": {"sha256": sha256}},
            {"$lookup": {"from": "actors", "localField": "actor", "foreignField": "_id", "as": "actors"}},
        ]
        if (known := self._kept.recall((sha256,))) is not None:
            return known[sha256]
        moment = self._kept.moment
        with self._database.bounded():
            found = await (await self._keys.aggregate(pipeline)).to_list()
        if not found or not found[0]["actors"] or not hmac.compare_digest(found[0]["sha256"], sha256):
            return None
        key, actor = from_document(found[0]), actor_from_document(found[0]["actors"][0])
        self._kept.keep(moment, {sha256: ((key, actor), (key.id, actor.id))})
        return key, actor

    async def find(self, access: Access, key_id: str) -> ApiKey | None:
        """The key; None when there is none, or none that the caller could have made."""
        with self._database.bounded():
            document = await self._keys.find_one(both({"_id": key_id}, makeable(access)))
        return from_document(document) if document else None

    async def list_all(self, access: Access) -> tuple[ApiKey, ...]:
        """All keys that the caller could have made, newest first."""
        with self._database.bounded():
            documents = await self._keys.find(makeable(access)).sort([("created_at", -1), ("_id", -1)]).to_list()
        return tuple(from_document(document) for document in documents)

    async def page(self, access: Access, request: PageRequest) -> Page[ApiKey]:
        """One page of the same; positions are milliseconds since 1970 and the id."""
        keys, where = ("created_at", "_id"), makeable(access)
        with self._database.bounded():
            return await read_page(self._keys, where, keys, True, by_time(request), from_document)

    async def count(self, access: Access) -> int:
        """How many there are of these."""
        with self._database.bounded():
            return await self._keys.count_documents(makeable(access))

    async def revoke(self, key_id: str, at: datetime, record: Record) -> ApiKey | None:
        """Ends the key, once; None when there is none that is not revoked, and then nothing is recorded."""

        async def write(session: Session) -> Document | None:
            revoked = await self._keys.find_one_and_update(
                {"_id": key_id, "revoked_at": None}, {"$set": {"revoked_at": at}}, return_document=True, session=session
            )
            if revoked is not None:
                await self._audit.append(record, session)
            return revoked

        return await self._end(key_id, write)

    async def replace(self, new: ApiKey, old: ApiKey, record: Record) -> ApiKey | None:
        """Writes the new key and how the old one ends; None when that was revoked or rotated meanwhile."""
        live: Filter = {"_id": old.id, "revoked_at": None, "replaced_by": None}
        end = {"replaced_by": new.id, "revoked_at": old.revoked_at, "expires_at": old.expires_at}

        async def write(session: Session) -> Document | None:
            old = await self._keys.find_one_and_update(live, {"$set": end}, return_document=True, session=session)
            if old is not None:
                await self._keys.insert_one(_to_document(new), session=session)
                await self._audit.append(record, session)
            return old

        return await self._end(old.id, write)

    async def _end(self, key_id: str, write: Callable[[Session], Awaitable[Document | None]]) -> ApiKey | None:
        """Before anybody is answered that the key has ended, it is no longer kept."""
        try:
            document = await self._database.transact(write)
        finally:
            self._kept.forget(key_id)
        return from_document(document) if document else None


def weigh(found: tuple[ApiKey, Actor]) -> int:
    """About how many bytes of memory a key and its actor take."""
    return KEY_BYTES + GRANT_BYTES * len(found[0].grants)


def makeable(access: Access) -> Filter:
    """Keys that the caller could have made: `Access.could_make` as a filter."""
    wider: list[Filter] = [{"scopes": {"$elemMatch": {"$nin": sorted(access.scopes)}}}]
    if reached := [_included(grant) for grant in access.grants]:
        if {} not in reached:
            wider.append({"grants": {"$elemMatch": {"$nor": reached}}})
    else:
        wider.append({"grants": {"$ne": []}})
    within: Filter = {"$nor": wider}
    return both(within, {"expires_at": {"$lte": access.expires_at}} if access.expires_at else {})


def _included(mine: Grant) -> Filter:
    """Grants that this one includes."""
    below: Filter = {}
    if mine.folder:
        (span,) = under_folder(mine.folder).values()
        below = {"$or": [{"folder": mine.folder}, {"folder": span}]}
    return both(below, {} if mine.can_write else {"can_write": False})


def _to_document(key: ApiKey) -> Document:
    return {
        "_id": key.id,
        "name": key.name,
        "sha256": key.sha256,
        "actor": key.actor_id,
        "scopes": sorted(key.scopes),
        "grants": [{"folder": grant.folder, "can_write": grant.can_write} for grant in key.grants],
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "created_by": key.created_by,
        "last_used_at": key.last_used_at,
        "replaced_by": key.replaced_by,
    }


def from_document(document: Document) -> ApiKey:
    """The key that a document of `api_keys` holds."""
    return ApiKey(
        id=document["_id"],
        name=document["name"],
        sha256=document["sha256"],
        actor_id=document["actor"],
        scopes=frozenset(Scope(scope) for scope in document["scopes"]),
        grants=tuple(Grant(grant["folder"], grant["can_write"]) for grant in document["grants"]),
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        revoked_at=document["revoked_at"],
        created_by=document.get("created_by"),
        last_used_at=document.get("last_used_at"),
        replaced_by=document.get("replaced_by"),
    )

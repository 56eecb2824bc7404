"""API keys, by the SHA-256 of their secret."""

import hmac
from datetime import datetime

from graph.domain.actors import Access, Actor, ActorKind, ApiKey, Grant, Scope
from graph.domain.audit import Record
from graph.domain.paging import Page, PageRequest
from graph.store.audit import AuditStore
from graph.store.codec import Document
from graph.store.database import Database, Session
from graph.store.pages import by_time, read_page
from graph.store.visibility import Filter, both, under_folder


class ApiKeyStore:
    """The collection `api_keys`. The keys themselves are nowhere."""

    def __init__(self, database: Database, audit: AuditStore) -> None:
        self._database = database
        self._keys = database.collection("api_keys")
        self._audit = audit

    async def insert(self, key: ApiKey, record: Record) -> None:
        """Writes a new key, and the record of it."""

        async def write(session: Session) -> None:
            await self._keys.insert_one(_to_document(key), session=session)
            await self._audit.append(record, session)

        await self._database.transact(write)

    async def find_by_digest(self, sha256: str) -> tuple[ApiKey, Actor] | None:
        """The key whose secret has this digest, and who acts with it, in one round trip.

        That the index is searched by the digest and not in constant time tells nothing of use: the time speaks of
        the digest's beginning, which nobody can choose who cannot invert SHA-256, and no digest leads back to 32
        random bytes. The whole digest is compared in constant time all the same.
        """
        pipeline: list[Document] = [
            {"$match": {"sha256": sha256}},
            {"$lookup": {"from": "actors", "localField": "actor", "foreignField": "_id", "as": "actors"}},
        ]
        with self._database.bounded():
            found = await (await self._keys.aggregate(pipeline)).to_list()
        if not found or not found[0]["actors"] or not hmac.compare_digest(found[0]["sha256"], sha256):
            return None
        actor = found[0]["actors"][0]
        kind = ActorKind(actor["kind"])
        return from_document(found[0]), Actor(actor["_id"], kind, actor["handle"], actor["display_name"])

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

        document = await self._database.transact(write)
        return from_document(document) if document else None

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

        document = await self._database.transact(write)
        return from_document(document) if document else None


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

"""API keys, by the SHA-256 of their secret."""

import hmac
from datetime import datetime

from graph.domain.actors import Actor, ActorKind, ApiKey, Grant, Scope
from graph.store.codec import Document
from graph.store.database import Database


class ApiKeyStore:
    """The collection `api_keys`. The keys themselves are nowhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.collection("api_keys")

    async def insert(self, key: ApiKey) -> None:
        """Writes a new key."""
        with self._database.bounded():
            await self._keys.insert_one(_to_document(key))

    async def find_by_digest(self, sha256: str) -> tuple[ApiKey, Actor] | None:
        """The key whose secret has this digest, and who acts with it, in one round trip."""
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

    async def list_all(self) -> tuple[ApiKey, ...]:
        """All keys, newest first."""
        with self._database.bounded():
            documents = await self._keys.find().sort([("created_at", -1), ("_id", -1)]).to_list()
        return tuple(from_document(document) for document in documents)

    async def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        """Ends the key, once; None when there is none."""
        with self._database.bounded():
            await self._keys.update_one({"_id": key_id, "revoked_at": None}, {"$set": {"revoked_at": at}})
            document = await self._keys.find_one({"_id": key_id})
        return from_document(document) if document else None


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
    )

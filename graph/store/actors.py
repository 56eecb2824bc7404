"""People and services. A handle belongs to one actor for ever, so what is found is kept in memory."""

from collections import OrderedDict
from collections.abc import Sequence

from graph.domain.actors import Actor, ActorKind
from graph.store.codec import Document
from graph.store.database import Database

KEPT = 10_000


class ActorStore:
    """The collection `actors`, unique by kind and handle."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._actors = database.collection("actors")
        self._by_handle: OrderedDict[tuple[ActorKind, str], Actor] = OrderedDict()

    async def get_or_create(self, kind: ActorKind, handle: str, new_id: str) -> Actor:
        """The actor of this handle; a new one, shown by its handle, when there is none."""
        return await self.ensure(Actor(new_id, kind, handle, display_name=handle))

    async def ensure(self, actor: Actor) -> Actor:
        """The actor that has this one's kind and handle, which is this one when there was none."""
        key = (actor.kind, actor.handle)
        if key not in self._by_handle:
            with self._database.bounded():
                document = await self._actors.find_one_and_update(
                    {"kind": actor.kind.value, "handle": actor.handle},
                    {"$setOnInsert": {"_id": actor.id, "display_name": actor.display_name}},
                    upsert=True,
                    return_document=True,
                )
            assert document is not None, "an upsert answers with what is there"
            self._by_handle[key] = actor_from_document(document)
            if len(self._by_handle) > KEPT:
                self._by_handle.popitem(last=False)
        return self._by_handle[key]

    async def find_many(self, ids: Sequence[str]) -> dict[str, Actor]:
        """Those of the actors that are there, by id."""
        with self._database.bounded():
            documents = await self._actors.find({"_id": {"$in": list(ids)}}).to_list()
        return {document["_id"]: actor_from_document(document) for document in documents}


def actor_from_document(document: Document) -> Actor:
    """The actor that a document of `actors` holds."""
    return Actor(document["_id"], ActorKind(document["kind"]), document["handle"], document["display_name"])

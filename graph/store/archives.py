"""Where a long history goes on: buckets of older versions beside the prompt, read as if they were in it.

A prompt keeps its newest versions in its own document. Past a number or a size of them the oldest half moves
into buckets, in the transaction of the append, so that every version is in one of the two places at any time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bson import encode

from graph.domain.limits import Limits
from graph.store.codec import Document
from graph.store.database import Database, Session


@dataclass(frozen=True, slots=True)
class History:
    """What the prompt's own document says of the versions that it holds."""

    count: int
    size: int


class ArchiveStore:
    """The collection `version_archives`: `{_id, prompt_id, first, last, size, versions}`."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._prompts = database.collection("prompts")
        self._archives = database.collection("version_archives")
        self._limits = limits

    def is_full(self, history: History) -> bool:
        """True when the oldest versions have to move."""
        if history.count < 2:
            return False
        return history.count > self._limits.embedded_versions or history.size > self._limits.embedded_bytes

    async def spill(self, session: Session, prompt_id: str) -> None:
        """Moves the oldest versions out of the prompt, until half of the room is free."""
        document = await self._prompts.find_one({"_id": prompt_id}, {"versions": 1}, session=session)
        assert document is not None, "the append that brought us here is in the same transaction"
        archived, kept = split_history(document["versions"], self._limits)
        await self.store(session, prompt_id, archived)
        await self._prompts.update_one(
            {"_id": prompt_id},
            {
                "$push": {"versions": {"$each": [], "$slice": -len(kept)}},
                "$set": {"history": {"count": len(kept), "size": sum(version["size"] for version in kept)}},
            },
            session=session,
        )

    async def store(self, session: Session | None, prompt_id: str, versions: Sequence[Document]) -> None:
        """Adds versions to the last bucket while there is room, then to new ones. They follow what is there."""
        last = await self._archives.find_one(
            {"prompt_id": prompt_id}, {"versions": 0}, sort=[("last", -1)], session=session
        )
        for bucket in _buckets(last, versions, self._limits.archive_bytes):
            first, end = bucket[0]["number"], bucket[-1]["number"]
            size = sum(version["size"] for version in bucket)
            if last is not None and last["last"] == first - 1 and last["size"] + size <= self._limits.archive_bytes:
                await self._archives.update_one(
                    {"_id": last["_id"]},
                    {"$push": {"versions": {"$each": bucket}}, "$set": {"last": end}, "$inc": {"size": size}},
                    session=session,
                )
            else:
                await self._archives.insert_one(
                    {
                        "_id": f"{prompt_id}:{first}",
                        "prompt_id": prompt_id,
                        "first": first,
                        "last": end,
                        "size": size,
                        "versions": bucket,
                    },
                    session=session,
                )

    async def find(self, numbers: Iterable[tuple[str, int]]) -> list[tuple[str, Document]]:
        """Those of the (prompt, number) pairs that lie in archives, in one round trip."""
        wanted = sorted(set(numbers))
        if not wanted:
            return []
        buckets = [{"prompt_id": one, "first": {"$lte": number}, "last": {"$gte": number}} for one, number in wanted]
        pipeline: list[Document] = [
            {"$match": {"$or": buckets}},
            {"$project": {"prompt_id": 1, "versions": only(wanted, "$prompt_id")}},
        ]
        found = await (await self._archives.aggregate(pipeline)).to_list()
        return [(bucket["prompt_id"], version) for bucket in found for version in bucket["versions"]]

    async def find_digests(self, prompt_id: str, project: Document) -> list[Document]:
        """The prompt's buckets, as `project` makes them."""
        return await (await self._archives.aggregate([{"$match": {"prompt_id": prompt_id}}, project])).to_list()


def only(wanted: Sequence[tuple[str, int]], prompt_id: str) -> Document:
    """An expression for those of a document's versions that are wanted. `prompt_id` is the field with the id."""
    if len({one for one, _ in wanted}) == 1:
        condition: Document = {"$in": ["$$version.number", [number for _, number in wanted]]}
    else:
        named = [f"{one}:{number}" for one, number in wanted]
        condition = {"$in": [{"$concat": [prompt_id, ":", {"$toString": "$$version.number"}]}, named]}
    return {"$filter": {"input": "$versions", "as": "version", "cond": condition}}


def sized(document: Document) -> Document:
    """The version with its own size in bytes, which says when its prompt or its bucket is full."""
    return {**document, "size": len(encode(document))}


def split_history(versions: Sequence[Document], limits: Limits) -> tuple[list[Document], list[Document]]:
    """What of a whole history goes to the archives, and what stays in the prompt."""
    sizes = [version["size"] for version in versions]
    if len(sizes) <= limits.embedded_versions and sum(sizes) <= limits.embedded_bytes:
        return [], list(versions)
    moving = _oldest(sizes, limits)
    return list(versions[:moving]), list(versions[moving:])


def _oldest(sizes: Sequence[int], limits: Limits) -> int:
    """How many of the oldest must go so that what stays is half of what may be; the newest always stays."""
    count, size = len(sizes), sum(sizes)
    moving = 0
    while moving < len(sizes) - 1 and (count > limits.embedded_versions // 2 or size > limits.embedded_bytes // 2):
        count, size = count - 1, size - sizes[moving]
        moving += 1
    return moving


def _buckets(last: Document | None, versions: Sequence[Document], room: int) -> list[list[Document]]:
    """The versions in runs, of which the first fits into what the last bucket has left."""
    runs: list[list[Document]] = []
    left = room - last["size"] if last else 0
    for version in versions:
        if version["size"] > left:
            runs.append([])
            left = room
        elif not runs:
            runs.append([])
        runs[-1].append(version)
        left -= version["size"]
    return runs

"""Versions: appended by one filtered update, read across the seam between a prompt and its archives."""

from collections.abc import Sequence

from graph.domain.actors import Access
from graph.domain.errors import NotFoundError
from graph.domain.events import EventKind, Signature
from graph.domain.json_values import JSONObject
from graph.domain.prompts import Prompt, PromptVersion, VersionRef
from graph.store.archives import ArchiveStore, History, only, sized
from graph.store.cache import VersionCache
from graph.store.codec import (
    WITHOUT_VERSIONS,
    Document,
    prompt_from_document,
    version_from_document,
    version_to_document,
)
from graph.store.database import Database, Session
from graph.store.events import EventStore
from graph.store.locks import PromptLocks
from graph.store.references import ReferenceStore
from graph.store.visibility import both, readable, writable

LATEST_ONLY = {"versions": {"$slice": -1}}


class VersionStore:
    """Histories, with a cache before them: a version never changes, so a cached one is never stale."""

    def __init__(
        self,
        database: Database,
        locks: PromptLocks,
        events: EventStore,
        archives: ArchiveStore,
        cache: VersionCache,
        references: ReferenceStore,
    ) -> None:
        self._database = database
        self._prompts = database.collection("prompts")
        self._locks = locks
        self._events = events
        self._archives = archives
        self._cache = cache
        self._references = references

    async def append(self, access: Access, version: PromptVersion, signature: Signature) -> Prompt | None:
        """Appends, when the latest is still the number before and says something else.

        Answers with the prompt as it is then, or None when nothing was appended, for whatever reason.
        """
        expected = both(
            {
                "_id": version.prompt_id,
                "latest": version.number - 1,
                "latest_digest": {"$ne": version.digest},
                "archived_at": None,
            },
            readable(access),
            writable(access),
        )
        update = _appending(version)

        async def write(session: Session) -> Prompt | None:
            found = await self._prompts.find_one_and_update(
                expected, update, WITHOUT_VERSIONS, return_document=True, session=session
            )
            return None if found is None else await self._follow(session, found, version, signature)

        async with self._locks.holding(version.prompt_id):
            return await self._database.transact(write)

    async def _follow(self, session: Session, found: Document, version: PromptVersion, signature: Signature) -> Prompt:
        """What an append brings with it, in its transaction: old versions move, references change, an event tells."""
        prompt = prompt_from_document(found)
        if self._archives.is_full(History(**found["history"])):
            await self._archives.spill(session, prompt.id)
        mentions = await self._references.add(session, [version], prompt.revision)
        if mentions or "includes" in found:
            await self._references.refresh(session, prompt, is_new=True)
        detail: JSONObject = {"number": version.number}
        kind = EventKind.VERSION_CREATED
        await self._events.append(session, kind, prompt, prompt, prompt.revision, signature, detail)
        return prompt

    async def get_latest(self, access: Access, prompt_id: str) -> tuple[Prompt, PromptVersion]:
        """The prompt and its newest version, of one moment. Raises NotFoundError."""
        with self._database.bounded():
            document = await self._prompts.find_one(both({"_id": prompt_id}, readable(access)), LATEST_ONLY)
        if document is None:
            raise NotFoundError("There is no such prompt.", ("promptId",))
        return prompt_from_document(document), version_from_document(prompt_id, document["versions"][0])

    async def get_visible(self, access: Access, ref: VersionRef) -> tuple[Prompt, PromptVersion]:
        """A version and its prompt, when the caller may see it. Raises NotFoundError."""
        with self._database.bounded():
            document = await self._prompts.find_one(both({"_id": ref.prompt_id}, readable(access)), WITHOUT_VERSIONS)
        version = (await self.get_many([ref])).get(ref) if document else None
        if document is None or version is None:
            raise NotFoundError("There is no such version.", ("versionId",))
        return prompt_from_document(document), version

    async def get_many(self, refs: Sequence[VersionRef]) -> dict[VersionRef, PromptVersion]:
        """Those of the versions that exist: from the cache, then the prompts, then the archives."""
        wanted = list(dict.fromkeys(refs))
        known = await self._cache.get(wanted)
        missing = [ref for ref in wanted if ref not in known]
        if missing:
            read = await self._read(missing)
            await self._cache.put(list(read.values()))
            known.update(read)
        return known

    async def find_digests(self, prompt_id: str, prefix: str) -> dict[str, int]:
        """The digests of the prompt that start so, each with the newest version that has it."""
        begins = {"$eq": [{"$substrCP": ["$$version.digest", 0, len(prefix)]}, prefix]}
        matching = {"$filter": {"input": "$versions", "as": "version", "cond": begins}}
        pair = {"number": "$$version.number", "digest": "$$version.digest"}
        project = {"$project": {"versions": {"$map": {"input": matching, "as": "version", "in": pair}}}}
        with self._database.bounded():
            embedded = await self._prompts.aggregate([{"$match": {"_id": prompt_id}}, project])
            documents = await embedded.to_list() + await self._archives.find_digests(prompt_id, project)
        pairs = [(version["number"], version["digest"]) for document in documents for version in document["versions"]]
        return {digest: number for number, digest in sorted(pairs)}

    async def _read(self, refs: Sequence[VersionRef]) -> dict[VersionRef, PromptVersion]:
        pairs = [(ref.prompt_id, ref.number) for ref in refs]
        with self._database.bounded():
            found = await self._embedded(pairs)
            have = {(prompt_id, document["number"]) for prompt_id, document in found}
            # What has moved since it was looked for in its prompt is in the archives by now, never the other way.
            found += await self._archives.find(pair for pair in pairs if pair not in have)
        versions = [version_from_document(prompt_id, document) for prompt_id, document in found]
        return {version.ref: version for version in versions}

    async def _embedded(self, pairs: Sequence[tuple[str, int]]) -> list[tuple[str, Document]]:
        ids = sorted({prompt_id for prompt_id, _ in pairs})
        pipeline = [
            {"$match": {"_id": {"$in": ids}}},
            {"$project": {"versions": only(pairs, "$_id")}},
        ]
        documents = await (await self._prompts.aggregate(pipeline)).to_list()
        return [(document["_id"], version) for document in documents for version in document["versions"]]


def _appending(version: PromptVersion) -> Document:
    """The update that makes it the latest."""
    document = sized(version_to_document(version))
    return {
        "$push": {"versions": document},
        "$inc": {"rev": 1, "history.count": 1, "history.size": document["size"]},
        "$set": {"latest": version.number, "latest_digest": version.digest},
        "$max": {"updated_at": version.created_at},  # an imported version is older than what happened here
    }

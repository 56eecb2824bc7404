"""Prompts: found, listed, made, changed and removed, each change with its event in one transaction."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from pymongo.errors import DuplicateKeyError

from graph.domain.actors import Access
from graph.domain.denials import FolderForbiddenError
from graph.domain.errors import NameTakenError, NotFoundError
from graph.domain.events import Change, EventKind, Signature
from graph.domain.json_values import JSONObject, compact_json
from graph.domain.limits import Limits
from graph.domain.paging import Page, PageRequest
from graph.domain.prompts import Prompt, PromptById, PromptSelector, PromptVersion
from graph.domain.queries import PromptFilter, PromptOrder, PromptOrderField
from graph.store.archives import ArchiveStore, sized, split_history
from graph.store.codec import (
    WITHOUT_VERSIONS,
    Document,
    difference,
    prompt_from_document,
    prompt_to_document,
    version_to_document,
)
from graph.store.database import Database, Session
from graph.store.events import EventStore
from graph.store.kept import NOBODY, Kept, Owners
from graph.store.locks import PromptLocks
from graph.store.pages import by_time, read_page
from graph.store.prompt_filter import matching
from graph.store.references import ReferenceStore
from graph.store.removals import RemovalStore
from graph.store.visibility import both, readable

VERSIONS_AT_ONCE = 50
PROMPT_BYTES = 3_000
LABEL_BYTES = 600
TAG_BYTES = 300
JSON_BYTES = 36  # of memory for one of text, where it is all brackets


class PromptStore:
    """The collection `prompts`. What is asked on behalf of a caller is filtered by what the caller may see."""

    def __init__(
        self,
        database: Database,
        locks: PromptLocks,
        events: EventStore,
        archives: ArchiveStore,
        removals: RemovalStore,
        references: ReferenceStore,
        limits: Limits,
        kept: Kept[Prompt],
    ) -> None:
        self._database = database
        self._prompts = database.collection("prompts")
        self._locks = locks
        self._events = events
        self._archives = archives
        self._removals = removals
        self._references = references
        self._limits = limits
        self._kept = kept

    async def find(self, access: Access, selector: PromptSelector) -> Prompt | None:
        """One prompt, by id or by name."""
        field, value = ("_id", selector.id) if isinstance(selector, PromptById) else ("name", selector.name)
        with self._database.bounded():
            document = await self._prompts.find_one(both({field: value}, readable(access)), WITHOUT_VERSIONS)
        return prompt_from_document(document) if document else None

    async def find_named(self, access: Access, names: Sequence[str]) -> dict[str, Prompt]:
        """Those of the prompts that are there, by name; as this process keeps them, where it may be believed."""

        def may_see(prompt: Prompt) -> bool:
            return access.may_read(prompt.name, prompt.visibility)

        known = self._kept.recall(names, may_see)
        if known is None or not any(known.values()):
            # Who may see nothing of it waits as long as if there were nothing.
            known = await self._read_named(names)
        return {name: prompt for name, prompt in known.items() if prompt and may_see(prompt)}

    async def _read_named(self, names: Sequence[str]) -> dict[str, Prompt | None]:
        moment = self._kept.moment
        with self._database.bounded():
            documents = await self._prompts.find({"name": {"$in": list(names)}}, WITHOUT_VERSIONS).to_list()
        found = {document["name"]: prompt_from_document(document) for document in documents}
        self._kept.keep(moment, {name: (found.get(name), _owners(found.get(name))) for name in names})
        return dict(found)

    async def find_many(self, access: Access, ids: Sequence[str]) -> dict[str, Prompt]:
        """Those of the prompts that are there, by id."""
        with self._database.bounded():
            cursor = self._prompts.find(both({"_id": {"$in": list(ids)}}, readable(access)), WITHOUT_VERSIONS)
            documents = await cursor.to_list()
        return {document["_id"]: prompt_from_document(document) for document in documents}

    async def page(self, access: Access, where: PromptFilter, order: PromptOrder, request: PageRequest) -> Page[Prompt]:
        """A page of prompts. Positions are the order's value and the id; times are milliseconds since 1970."""
        with self._database.bounded():
            return await read_page(
                self._prompts,
                both(matching(where), readable(access)),
                [order.field.value, "_id"],
                order.descending,
                request if order.field is PromptOrderField.NAME else by_time(request),
                prompt_from_document,
                WITHOUT_VERSIONS,
            )

    async def count(self, access: Access, where: PromptFilter) -> int:
        """How many prompts there are behind the filter."""
        with self._database.bounded():
            return await self._prompts.count_documents(both(matching(where), readable(access)))

    async def insert(
        self,
        prompt: Prompt,
        versions: Sequence[PromptVersion],
        signature: Signature,
        detail: JSONObject | None = None,
    ) -> None:
        """Writes a new prompt with its whole history, which is seen all at once. Raises NameTakenError."""
        archived, kept = split_history([sized(version_to_document(version)) for version in versions], self._limits)
        history = {"count": len(kept), "size": sum(version["size"] for version in kept)}
        document = {**prompt_to_document(prompt), "usage_count": 0, "history": history, "versions": kept}

        async def write(session: Session) -> None:
            await self._prompts.insert_one(document, session=session)
            if await self._references.add(session, versions, prompt.revision):
                await self._references.refresh(session, prompt, is_new=True)
            if archived:
                await self._removals.unmark(prompt.id, session)
            await self._events.append(
                session,
                EventKind.CREATED,
                None,
                prompt,
                prompt.revision,
                signature,
                detail or {"number": prompt.latest},
            )

        if archived:
            await self._write_archives(prompt.id, archived, signature)
        try:
            await self._database.transact(write)
        except DuplicateKeyError as error:
            if archived:
                await self._removals.clear(prompt.id)
            raise NameTakenError(prompt.name, ("name",)) from error
        finally:
            self._kept.forget(prompt.id)

    async def _write_archives(self, prompt_id: str, versions: Sequence[Document], signature: Signature) -> None:
        with self._database.bounded():
            await self._removals.mark(prompt_id, signature.at)
        for start in range(0, len(versions), VERSIONS_AT_ONCE):
            with self._database.bounded():
                await self._archives.store(None, prompt_id, versions[start : start + VERSIONS_AT_ONCE])

    async def change(
        self, access: Access, prompt_id: str, signature: Signature, decide: Callable[[Prompt], Change | None]
    ) -> Prompt:
        """Lets `decide` look at the prompt as it stands and writes what it says, with its event, at once.

        `decide` may be called again when another process was quicker. None changes nothing; whatever it raises is
        raised on, and nothing is written. Raises NotFoundError and FolderForbiddenError.
        """

        async def write(session: Session) -> Prompt:
            before = await self.require(access, prompt_id, session)
            change = decide(before)
            if change is None:
                return before
            after = replace(change.prompt, revision=before.revision + 1)
            await self._prompts.update_one({"_id": prompt_id}, {"$set": difference(before, after)}, session=session)
            if before.labels != after.labels:
                await self._references.refresh(session, after)
            await self._events.append(session, change.kind, before, after, after.revision, signature, change.detail)
            return after

        async with self._locks.holding(prompt_id):
            return await self._database.transact(write)

    async def delete(
        self, access: Access, prompt_id: str, signature: Signature, confirm: Callable[[Prompt], None]
    ) -> Prompt:
        """Removes the prompt and all that hangs on it but the events; answers with it at the removal's revision."""

        async def write(session: Session) -> Prompt:
            before = await self.require(access, prompt_id, session)
            confirm(before)
            gone = replace(before, revision=before.revision + 1)
            await self._prompts.delete_one({"_id": prompt_id}, session=session)
            await self._removals.mark(prompt_id, signature.at, session)
            await self._events.append(session, EventKind.DELETED, before, None, gone.revision, signature, {})
            return gone

        async with self._locks.holding(prompt_id):
            gone = await self._database.transact(write)
        await self._removals.clear(prompt_id)
        return gone

    async def require(
        self, access: Access, prompt_id: str, session: Session | None = None, to_write: bool = True
    ) -> Prompt:
        """The prompt as it stands. Raises NotFoundError when the caller may not see it, else FolderForbiddenError."""
        document = await self._prompts.find_one(
            both({"_id": prompt_id}, readable(access)), WITHOUT_VERSIONS, session=session
        )
        if document is None:
            raise NotFoundError("There is no such prompt.", ("promptId",))
        prompt = prompt_from_document(document)
        if to_write and not access.may_write(prompt.name):
            raise FolderForbiddenError
        return prompt


def _owners(prompt: Prompt | None) -> Owners:
    return (str(prompt.id),) if prompt else NOBODY  # the watch names them so, whatever type somebody has given them


def weigh(prompt: Prompt) -> int:
    """About how many bytes of memory it takes, and hardly ever more."""
    texts = sys.getsizeof(prompt.title) + sys.getsizeof(prompt.description)
    metadata = JSON_BYTES * len(compact_json(prompt.metadata)) if prompt.metadata else 0
    return PROMPT_BYTES + texts + LABEL_BYTES * len(prompt.labels) + TAG_BYTES * len(prompt.tags) + metadata

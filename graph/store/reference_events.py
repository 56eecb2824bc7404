"""The event of a prompt that what it includes has changed, once for each cause."""

from collections.abc import Sequence
from dataclasses import replace

from pymongo.errors import DuplicateKeyError

from graph.domain.events import Event, EventKind, Signature
from graph.store.codec import WITHOUT_VERSIONS, prompt_from_document
from graph.store.database import Database, Session
from graph.store.events import EventStore
from graph.store.locks import PromptLocks


class ReferenceEventStore:
    """Writes to `prompts` and `events`. That a cause is told once is held by an index on `change.cause`."""

    def __init__(self, database: Database, locks: PromptLocks, events: EventStore) -> None:
        self._database = database
        self._prompts = database.collection("prompts")
        self._records = database.collection("events")
        self._locks = locks
        self._events = events

    async def tell(self, prompt_id: str, cause: Event, numbers: Sequence[int], signature: Signature) -> bool:
        """Writes the event, and the prompt's next revision; False when that is done already or the prompt is gone."""

        async def write(session: Session) -> bool:
            document = await self._prompts.find_one({"_id": prompt_id}, WITHOUT_VERSIONS, session=session)
            told = {"prompt_id": prompt_id, "change.cause": cause.id}
            if document is None or await self._records.find_one(told, {"_id": 1}, session=session):
                return False
            before = prompt_from_document(document)
            after = replace(before, revision=before.revision + 1)
            await self._prompts.update_one({"_id": prompt_id}, {"$set": {"rev": after.revision}}, session=session)
            detail = {"cause": cause.id, "versions": list(numbers)}
            kind = EventKind.REFERENCE_CHANGED
            await self._events.append(session, kind, before, after, after.revision, signature, detail)
            return True

        try:
            async with self._locks.holding(prompt_id):
                return await self._database.transact(write)
        except DuplicateKeyError:
            return False

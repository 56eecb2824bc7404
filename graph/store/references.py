"""Which versions include which prompts: what is needed to go from an included prompt to those that include it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph.domain.prompts import Prompt, PromptVersion
from graph.domain.selectors import target_of, targets
from graph.store.codec import Document
from graph.store.database import Database, Session
from graph.templating.inclusion import mentions_of

POSITION = "references position"
MOST_TARGETS = 200  # what is not checked when it is written, as an imported history, may mention any number
AT_ONCE = 1_000  # marks in one question: each may be a kilobyte long, and a question is at most 16 MB


@dataclass(frozen=True, slots=True)
class Includer:
    """A version that mentions something; `event_id` is of the event that made it."""

    prompt_id: str
    number: int
    event_id: str


class ReferenceStore:
    """The collection `references`: `{_id, prompt_id, number, event, names, targets}`, for versions that include others.

    A prompt that has such versions has a list `includes` in its own document: the names that its newest and its
    labelled versions mention. Whoever changes what these are calls `refresh` in the same transaction. Where a selector
    can be read in two ways, both count: which of them is meant depends on what exists at the time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._references = database.collection("references")
        self._prompts = database.collection("prompts")
        self._events = database.collection("events")
        self._state = database.collection("sync_state")

    async def add(self, session: Session, versions: Sequence[PromptVersion], revision: int) -> bool:
        """Keeps what these versions mention; False when it is nothing. `revision` is their event's."""
        documents = [document for version in versions if (document := _to_document(version, revision))]
        if documents:
            await self._references.insert_many(documents, session=session)
        return bool(documents)

    async def refresh(self, session: Session, prompt: Prompt, is_new: bool = False) -> None:
        """Sets `includes` by the prompt's newest and labelled versions. Unless `is_new`, only where there is one."""
        live = {prompt.latest, *(label.version for label in prompt.labels.values())}
        where: Document = {"_id": prompt.id} if is_new else {"_id": prompt.id, "includes": {"$exists": True}}
        if not is_new and await self._prompts.find_one(where, {"_id": 1}, session=session) is None:
            return
        ids = [_id(prompt.id, number) for number in live]
        found = await self._references.find({"_id": {"$in": ids}}, {"names": 1}, session=session).to_list()
        names = sorted({name for document in found for name in document["names"]})
        await self._prompts.update_one(where, {"$set": {"includes": names}}, session=session)

    async def find_includers(self, marks: Iterable[str]) -> list[Includer]:
        """The versions that mention one of these, as `target_of` writes them, or a name; each once."""
        found: dict[str, Includer] = {}
        for some in _in_slices(marks):
            with self._database.bounded():
                documents = await self._references.find({"targets": {"$in": some}}).to_list()
            found |= {one["_id"]: Includer(one["prompt_id"], one["number"], one["event"]) for one in documents}
        return list(found.values())

    async def find_any(self, marks: Iterable[str]) -> bool:
        """Whether there is any version that mentions one of these."""
        for some in _in_slices(marks):
            with self._database.bounded():
                if await self._references.find_one({"targets": {"$in": some}}, {"_id": 1}) is not None:
                    return True
        return False

    async def earlier_than(self, includers: Sequence[Includer], seq: int) -> list[Includer]:
        """Those of them that were written before the event of this number."""
        ids = [one.event_id for one in includers]
        with self._database.bounded():
            found = await self._events.find({"_id": {"$in": ids}, "seq": {"$lt": seq}}, {"_id": 1}).to_list()
            kept = await self._events.find({"_id": {"$in": ids}}, {"_id": 1}).to_list()
        earlier, known = {one["_id"] for one in found}, {one["_id"] for one in kept}
        # Of an event that retention has removed it is sure that it was earlier.
        return [one for one in includers if one.event_id in earlier or one.event_id not in known]

    async def read_position(self) -> int:
        """Up to which number of the feed includers have been told; 0 at first."""
        with self._database.bounded():
            found = await self._state.find_one({"_id": POSITION})
        return found["seq"] if found else 0

    async def keep_position(self, seq: int) -> None:
        """Moves on to this number."""
        with self._database.bounded():
            await self._state.update_one({"_id": POSITION}, {"$set": {"seq": seq}}, upsert=True)


def _in_slices(marks: Iterable[str]) -> Iterator[list[str]]:
    """All of them, each once, in questions of a bounded size."""
    wanted = list(dict.fromkeys(marks))
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def _to_document(version: PromptVersion, revision: int) -> Document | None:
    selectors = list(dict.fromkeys(mention.selector for mention in mentions_of(version.template)))[:MOST_TARGETS]
    if not selectors:
        return None
    found = [target for selector in selectors for target in targets(selector)]
    names = sorted({name for name, _ in found})
    return {
        "_id": _id(version.prompt_id, version.number),
        "prompt_id": version.prompt_id,
        "number": version.number,
        "event": f"{version.prompt_id}:{revision}",
        "names": names,
        "targets": sorted({*names, *(target_of(name, what) for name, what in found)}),
    }


def _id(prompt_id: str, number: int) -> str:
    return f"{prompt_id}:{number}"

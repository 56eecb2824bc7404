"""Random states: prompts in nested and look-alike folders, and readers of every kind, in the store and in an index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from graph.domain.actors import Access, Grant, Scope
from graph.domain.patches import PromptPatch
from graph.domain.prompts import Prompt, VersionByNumber, VersionRef, Visibility
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import archive_prompt, create_prompt, fork_prompt, update_prompt
from graph.store.database import Document
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import Batch
from search_sync.projection import project
from tests.feeds import number_events
from tests.fixtures import Records, caller, draft
from tests.schema.conftest import Api
from tests.schema.sight.model import Fact, Reader, sees

NAMES = ["a", "a/b", "a/b/c", "a/b/c/d", "a/x", "A/x", "a-b/x", "a0/x", "ab", "ab/x", "b/a/x", "b/x", "x", "a./x"]
FOLDERS = ["", "a", "a/b", "a/b/c", "ab", "b", "x", "A"]
SCOPES = [Scope.PROMPTS_READ, Scope.EVENTS_READ, Scope.RENDER, Scope.PROMPTS_WRITE, Scope.KEYS_MANAGE]
PROMPTS, READERS = 5, 2


@dataclass(frozen=True, slots=True)
class World:
    """A state, who is asking in it, and where the feed began."""

    api: Api
    access: Access
    reader: Reader
    prompts: dict[str, Prompt]
    facts: dict[str, Fact]
    began: int

    @property
    def seen(self) -> list[Fact]:
        """What the reader sees, by the model."""
        return [fact for fact in self.facts.values() if sees(self.reader, fact, fact.is_public)]

    def may(self, scope: Scope) -> bool:
        return scope in self.access.scopes

    def name(self, prompt_id: str) -> str:
        return next(name for name, prompt in self.prompts.items() if prompt.id == prompt_id)


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """Prompts of different names; each may be forked from one before it, or include one."""
    made: list[Fact] = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=PROMPTS, unique=True)):
        label = draw(st.sampled_from([None, "production"]))
        tags = tuple(draw(st.lists(st.sampled_from(["blue", "red"]), unique=True)))
        sources = [fact.name for fact in made if not fact.is_archived]
        source = draw(st.sampled_from([None, *sources]))
        included = draw(st.sampled_from([None, *sources]))
        began, now, archived = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
        says = f"Refund {name}."
        if source:  # a fork begins private, with the tags and the text of its source
            forked = next(fact for fact in made if fact.name == source)
            began, tags, included, says = False, forked.tags, forked.included, forked.says
        made.append(Fact(name, began, now, archived, tags, label, source, included, says))
    return made


@st.composite
def accesses(draw: st.DrawFn) -> Access:
    """Somebody with a key or without."""
    reads_public = draw(st.booleans())
    if draw(st.integers(0, 5)) == 0:
        return Access(actor=None, reads_public=reads_public)
    some = st.frozensets(st.sampled_from(SCOPES))
    scopes = draw(st.sampled_from([frozenset(SCOPES), frozenset(SCOPES) - {Scope.PROMPTS_READ}]) | some)
    grants = draw(st.lists(st.builds(Grant, st.sampled_from(FOLDERS), st.booleans()), max_size=3))
    return replace(caller("reader", scopes, tuple(grants)), reads_public=reads_public)


async def build(api: Api, known: Sequence[Fact]) -> tuple[Api, dict[str, Prompt], int]:
    """Makes the state, in place of the one before; the prompts by name, and where the feed began."""
    began = await number_events(api.deps)
    await api.deps.store.database.collection("prompts").delete_many({})
    prompts: dict[str, Prompt] = {}
    for fact in known:
        prompts[fact.name] = await _make(api.deps, fact, prompts)
    await number_events(api.deps)
    index = MemoryIndex()
    documents: list[Document] = await Records(api.deps.store).all("prompts")
    await index.write(Batch(documents=[project(document, 65_536) for document in documents]))
    return replace(api, deps=replace(api.deps, index=index, index_seconds=10.0)), prompts, began


async def _make(deps: Deps, fact: Fact, prompts: dict[str, Prompt]) -> Prompt:
    prompt = await _begin(deps, fact, prompts)
    if fact.is_public != fact.began_public:
        visibility = _visibility(fact.is_public)
        prompt = await update_prompt(deps, LOCAL_ACCESS, prompt.id, PromptPatch(visibility=visibility))
    if fact.label:
        prompt = (await set_label(deps, LOCAL_ACCESS, prompt.id, fact.label, VersionByNumber(1))).prompt
    return await archive_prompt(deps, LOCAL_ACCESS, prompt.id) if fact.is_archived else prompt


async def _begin(deps: Deps, fact: Fact, prompts: dict[str, Prompt]) -> Prompt:
    if fact.source:
        return await fork_prompt(deps, LOCAL_ACCESS, VersionRef(prompts[fact.source].id, 1), fact.name)
    visibility = _visibility(fact.began_public)
    return await create_prompt(deps, LOCAL_ACCESS, draft(fact.name, fact.text, tags=fact.tags, visibility=visibility))


def _visibility(is_public: bool) -> Visibility:
    return Visibility.PUBLIC if is_public else Visibility.PRIVATE


def reader_of(access: Access) -> Reader:
    """The same person for the model."""
    folders = tuple(grant.folder for grant in access.grants)
    return Reader(frozenset(scope.value for scope in access.scopes), folders, access.reads_public)

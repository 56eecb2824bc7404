"""Searches by callers with every kind of sight, against a plain model: nothing leaks, and nothing is kept back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.discovery.search import Question, sight_of_access
from graph.domain.actors import Access, Grant, Scope
from graph.domain.errors import InvalidSearchTokenError
from graph.domain.outages import IndexUnavailableError
from graph.domain.prompts import Visibility
from graph.operations.deps import Deps
from graph.operations.discovery import UNKNOWN, WAIT_SECONDS, find_similar, get_freshness, search_prompts
from graph.operations.search_tokens import SEARCH_TOKEN
from search_sync.freshness import FreshnessReader
from search_sync.index.document import SearchDocument
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import (
    Batch,
    FacetField,
    IndexWriter,
    SearchAnswer,
    SearchFilter,
    SearchIndex,
    SearchRequest,
)
from search_sync.index.tantivy import TantivyIndex
from tests.clock import awake_seconds
from tests.fixtures import caller

FOLDERS = ("a", "a/b", "ab", "c")
FIELDS = tuple(FacetField)


def make_document(number: int, folder: str, word: str, tag: str, is_public: bool) -> SearchDocument:
    name = f"{folder}/{word}{number}"
    segments = folder.split("/")
    folders = tuple("/".join(segments[: depth + 1]) for depth in range(len(segments)))
    return SearchDocument(
        id=f"id{number}", rev=1, name=name, title=word, description="", tags=(tag,), variables=(), text=f"say {word}",
        category=tag.upper(), author=f"author-{tag}", folders=folders,
        kind="text", labels=(), model=None, findings=(), average=None, wilson=0.0, usage=0,
        created_at=number, updated_at=number, is_archived=False, is_public=is_public,
    )  # fmt: skip


documents = st.lists(
    st.tuples(
        st.sampled_from(FOLDERS), st.sampled_from(("apple", "pear")), st.sampled_from(("red", "green")), st.booleans()
    ),
    max_size=12,
).map(lambda rows: [make_document(number, *row) for number, row in enumerate(rows)])

accesses = st.builds(
    Access,
    actor=st.just(caller().actor),
    scopes=st.sampled_from((frozenset({Scope.PROMPTS_READ}), frozenset[Scope](), frozenset(Scope))),
    grants=st.lists(st.sampled_from((*FOLDERS, "")), max_size=2).map(lambda names: tuple(map(Grant, names))),
    reads_public=st.booleans(),
)


def seen_by(access: Access, held: Iterable[SearchDocument]) -> list[SearchDocument]:
    """The rule of sight, asked of the domain one by one."""
    return [
        one for one in held if access.may_read(one.name, Visibility.PUBLIC if one.is_public else Visibility.PRIVATE)
    ]


async def fill(index: IndexWriter, held: list[SearchDocument], gone: list[str]) -> None:
    assert await index.write(Batch(held, gone)) == {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=documents, access=accesses, word=st.sampled_from(("", "apple", "pea")), tag=st.sampled_from((None, "red")))
async def test_a_caller_is_told_of_what_it_may_read_and_of_nothing_else(
    deps: Deps, index: SearchIndex, held: list[SearchDocument], access: Access, word: str, tag: str | None
) -> None:
    await fill(index, held, [f"id{number}" for number in range(12)])
    await fill(index, held, [])
    where = SearchFilter(tags=(tag,) if tag else None)
    question = Question(word, where, first=100, facets=FIELDS, values_per_facet=100)
    page, _ = await search_prompts(replace(deps, index=index, index_seconds=20.0), access, question)
    seen = [one for one in seen_by(access, held) if word in one.name.rsplit("/", 1)[-1]]
    chosen = [one for one in seen if tag is None or tag in one.tags]
    assert {found.hit.id for found in page.found} == {one.id for one in chosen}
    assert page.total == len(chosen)
    counted = {field: dict(counts.values) for field, counts in page.counts.items()}
    tags = Counter(name for one in seen for name in one.tags)
    assert {name: count for name, count in counted[FacetField.TAG].items() if count} == dict(tags)
    assert set(counted[FacetField.TAG]) <= set(tags) | {tag}
    assert counted[FacetField.FOLDER] == dict(Counter(name for one in chosen for name in one.folders))
    assert counted[FacetField.AUTHOR] == dict(Counter(one.author for one in chosen))
    assert counted[FacetField.CATEGORY] == dict(Counter(one.category for one in chosen))
    for one in held:
        near = await find_similar(replace(deps, index=index, index_seconds=20.0), access, one.id, 20)
        assert set(near) <= {other.id for other in seen_by(access, held)} - {one.id}
        assert one in seen_by(access, held) or near == ()


@pytest.fixture(params=["memory", "tantivy"])
async def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SearchIndex]:
    opened: SearchIndex = (
        MemoryIndex()
        if request.param == "memory"
        else await TantivyIndex.open(tmp_path_factory.mktemp("index"), patience=20.0)
    )
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("access", "everything", "folders", "public"),
    [
        (caller(), True, (), False),
        (caller(grants=(Grant("b"), Grant("a"))), False, ("a", "b"), False),
        (caller(grants=(Grant("a"), Grant(""))), True, (), False),
        (caller(scopes=()), False, (), False),
        (Access(None, reads_public=True), False, (), True),
        (Access(None), False, (), False),
    ],
)
def test_the_sight_of_an_access(access: Access, everything: bool, folders: tuple[str, ...], public: bool) -> None:
    sight = sight_of_access(access)
    assert (sight.everything, sight.folders, sight.public) == (everything, folders, public)


async def test_without_an_index_nothing_is_asked_and_nothing_is_told(deps: Deps) -> None:
    with pytest.raises(IndexUnavailableError):
        await search_prompts(deps, caller(), Question())
    with pytest.raises(IndexUnavailableError):
        await find_similar(deps, caller(), "x", 5)
    assert await get_freshness(deps) == UNKNOWN


async def test_a_bad_token_is_told_before_the_index_is_asked(deps: Deps) -> None:
    with pytest.raises(InvalidSearchTokenError):
        await search_prompts(deps, caller(), Question(), "forged")


class HangingIndex(MemoryIndex):
    """One that takes a question and does not answer."""

    async def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        await asyncio.sleep(60)
        return {}

    async def search(self, request: SearchRequest) -> SearchAnswer:
        raise AssertionError("it is not asked twice")


async def test_an_index_that_hangs_is_told_of_without_waiting_for_the_change_first(deps: Deps) -> None:
    index = HangingIndex()
    database = deps.store.database.client[deps.store.database.collection("prompts").database.name]
    impatient = replace(deps, index=index, freshness=FreshnessReader(database, index), index_seconds=0.2)
    token = deps.signer.sign(SEARCH_TOKEN, ("some prompt", 1))
    started = awake_seconds()
    with pytest.raises(IndexUnavailableError):
        await search_prompts(impatient, caller(), Question(), token, tells=True)
    assert awake_seconds() - started < WAIT_SECONDS

"""The question that MongoDB is asked and the rule of the domain mean the same."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.domain.actors import Access, Actor, ActorKind, Grant, Scope
from graph.domain.events import Event, EventKind, Sight
from graph.domain.feed import EventFilter, tell
from graph.domain.prompts import Visibility
from graph.store.codec import event_from_document, sight_to_document
from graph.store.store import Store

ADA = Actor("ada", ActorKind.USER, "ada", "Ada")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FOLDERS, TAGS, LABELS = ("a", "a/b", "ab", ""), ("x", "y"), ("production", "qa")
NAMES = ("a", "a/b", "a/b/c", "ab/c", "d")

T = TypeVar("T")


def few(values: tuple[T, ...]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


sights = st.builds(Sight, st.sampled_from(NAMES), few(TAGS), few(LABELS), st.sampled_from(Visibility))
filters = st.builds(
    EventFilter,
    prompt_ids=st.none() | few(("p0", "p1")),
    folders=st.none() | few(FOLDERS[:3]),
    tags=st.none() | few(TAGS),
    labels=st.none() | few(LABELS),
    kinds=st.none() | few(tuple(EventKind)[:2]),
)
callers = st.builds(
    Access,
    actor=st.just(ADA),
    scopes=st.sampled_from((frozenset({Scope.PROMPTS_READ}), frozenset[Scope]())),
    grants=few(FOLDERS).map(lambda folders: tuple(Grant(folder) for folder in folders)),
    reads_public=st.booleans(),
)
changes = st.lists(
    st.tuples(
        st.none() | sights, st.none() | sights, st.sampled_from(("p0", "p1")), st.sampled_from(tuple(EventKind)[:3])
    ),
    max_size=8,
)


def to_document(seq: int, before: Sight | None, after: Sight | None, prompt: str, kind: EventKind) -> dict[str, Any]:
    facts = {"before": sight_to_document(before), "after": sight_to_document(after), "kind": kind.value}
    return {"_id": f"{prompt}:{seq}", "prompt_id": prompt, "rev": seq, "at": NOW, "seq": seq, **facts} | {
        "actor": None,
        "key": None,
        "change": {},
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes, filters, st.lists(callers, min_size=1, max_size=4))
async def test_the_store_finds_exactly_what_the_rule_tells(
    store: Store, changed: list[Any], where: EventFilter, readers: list[Access]
) -> None:
    events = store.database.collection("events")
    await events.delete_many({})
    documents = [to_document(seq, *facts) for seq, facts in enumerate(changed, start=1)]
    documents.append({"_id": "record", "kind": "api_key_created", "seq": len(changed) + 1})
    await events.insert_many(documents)
    all_events: list[Event] = [event_from_document(one) for one in documents[:-1]]
    for access in readers:
        told = [event.seq for event in all_events if tell(event, access, where)]
        found = await store.log.read(access, where, 0, 100, 100)
        assert [event.seq for event in found] == told
        assert await store.log.count(access, where, 0, 100) == len(told)

"""`Access.may_read` and the filter that the store gives to MongoDB are one rule."""

import random

from graph.domain.actors import Access, Actor, ActorKind, Grant, Scope
from graph.domain.prompts import Visibility
from graph.store.store import Store
from graph.store.visibility import readable, writable

STATES = 300
SEGMENTS = ["a", "b", "a b", "a0", "a-", "a.", "é", "😀"]
ACTOR = Actor("a", ActorKind.SERVICE, "a", "a")


def some_name(chance: random.Random) -> str:
    return "/".join(chance.choices(SEGMENTS, k=chance.randint(1, 3)))


def some_access(chance: random.Random) -> Access:
    grants = [
        Grant(chance.choice(["", some_name(chance), some_name(chance)]), chance.random() < 0.5)
        for _ in range(chance.randint(0, 3))
    ]
    scopes = frozenset(scope for scope in (Scope.PROMPTS_READ, Scope.RENDER) if chance.random() < 0.7)
    return Access(ACTOR, scopes, tuple(grants), reads_public=chance.random() < 0.5)


async def test_the_filters_find_exactly_what_the_rules_allow(store: Store) -> None:
    chance = random.Random(7)
    names = sorted({some_name(chance) for _ in range(80)})
    rows = [(name, chance.choice(list(Visibility))) for name in names]
    collection = store.database.collection("rows")
    await collection.insert_many([{"name": name, "visibility": seen.value} for name, seen in rows])
    for _ in range(STATES):
        access = some_access(chance)
        found = {row["name"] for row in await collection.find(readable(access)).to_list()}
        assert found == {name for name, seen in rows if access.may_read(name, seen)}, access
        found = {row["name"] for row in await collection.find(writable(access)).to_list()}
        assert found == {name for name, _ in rows if access.may_write(name)}, access

"""Entries are created, brought up to date, found unchanged or refused, each for itself."""

from dataclasses import replace

import pytest

from graph.domain.actors import EVERYWHERE, Access, Actor, ActorKind, Grant, Scope
from graph.domain.denials import ForbiddenError
from graph.domain.limits import Limits
from graph.domain.prompts import (
    PromptByName,
)
from graph.domain.templates import TextTemplate
from graph.exchange.entries import (
    Entry,
    ForkSource,
    PastLabel,
    Person,
    Refused,
)
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.import_results import Fate
from graph.operations.imports import import_entries
from graph.operations.prompts import archive_prompt
from tests.exchange.registries import documents, new_registry
from tests.operations.importing import ADA, at, deps, fates, history, latest, run, snapshot

__all__ = ["deps"]


async def test_a_second_run_writes_nothing(deps: Deps) -> None:
    entries: list[Entry] = [
        *(snapshot(f"s{number}", place=f"line {number}", follows="tags title") for number in range(40)),
        history("h", "a", "b", labels=(PastLabel("production", 1, at(9), ADA),)),
        history("fork", "a", source=ForkSource("h", 1)),
    ]
    assert set(await fates(deps, entries)) == {Fate.CREATED}
    before = await documents(deps)
    assert set(await fates(deps, entries)) == {Fate.UNCHANGED}
    assert await documents(deps) == before


async def test_a_dry_run_tells_what_the_import_does_and_writes_nothing(deps: Deps) -> None:
    await run(deps, [snapshot("same"), snapshot("grown", "old"), snapshot("facts"), history("begun", "a")])
    past = history("h", "a", "b", labels=(PastLabel("staging", 1, at(9), Person(ActorKind.USER, "new", "New")),))
    entries: list[Entry] = [
        snapshot("made"),
        snapshot("same"),
        snapshot("grown", "new"),
        snapshot("facts", follows="tags", tags=("t",)),
        replace(snapshot("labelled"), labels=("staging", "v7")),
        snapshot("letter", "{{> made@1}} {{> same}}"),
        snapshot("grown@3"),
        snapshot("alone", "{{> nobody}}"),
        snapshot("made", place="line 9"),
        snapshot("a//b"),
        past,
        history("begun", "a", "b"),
        history("same", "other"),
        history("fork", "a", source=ForkSource("h", 1)),
        Refused("line 20", "broken"),
    ]
    before = await documents(deps)
    rehearsed = [outcome async for outcome in import_entries(deps, LOCAL_ACCESS, entries, dry_run=True)]
    assert await documents(deps) == before
    told = [(one.name, one.fate) for one in rehearsed]
    assert {fate for _, fate in told} == set(Fate)
    assert told == [(one.name, one.fate) for one in await run(deps, entries)]
    assert next(one.notes for one in rehearsed if one.name == "labelled")


async def test_outcomes_come_in_the_order_of_the_entries(deps: Deps) -> None:
    entries = [snapshot(f"s{number}", place=f"line {number}") for number in range(50)]
    assert [outcome.place for outcome in await run(deps, entries)] == [entry.place for entry in entries]


async def test_other_content_becomes_a_new_version(deps: Deps) -> None:
    await run(deps, [snapshot("a", "one")])
    assert await fates(deps, [snapshot("a", "two")]) == [Fate.NEW_VERSION]
    version = await latest(deps, "a")
    assert (version.number, version.template) == (2, TextTemplate("two"))


async def test_facts_are_set_where_the_entry_says_that_they_follow_it_and_nowhere_else(deps: Deps) -> None:
    await run(deps, [snapshot("a", tags=("old",), category="old")])
    assert await fates(deps, [snapshot("a", tags=("new",), category="new")]) == [Fate.UNCHANGED]
    assert await fates(deps, [snapshot("a", tags=("new",), category="new", follows="tags")]) == [Fate.UPDATED]
    prompt = await deps.store.prompts.find(LOCAL_ACCESS, PromptByName("a"))
    assert prompt
    assert (prompt.tags, prompt.category, prompt.latest) == (("new",), "old", 1)


async def test_what_is_refused_stops_none_of_the_others(deps: Deps) -> None:
    entries: list[Entry] = [
        Refused("line 2", "broken"),
        snapshot("a//b", place="line 3"),
        snapshot("empty", text="", place="line 4"),
        snapshot("long", text="x" * 200_001, place="line 5"),
        snapshot("tags", tags=("",), place="line 6"),
        snapshot("metadata", metadata={"a\0b": 1}, place="line 7"),
        snapshot("surrogate", text="\ud800", place="line 8"),
        snapshot("good", place="line 9"),
    ]
    outcomes = await run(deps, entries)
    assert [outcome.fate for outcome in outcomes] == [Fate.REFUSED] * 7 + [Fate.CREATED]
    assert outcomes[1].notes[0].startswith("name: Slashes make folders")
    assert outcomes[2].notes[0].startswith("template.text: ")
    assert [prompt["name"] for prompt in (await documents(deps))["prompts"]] == ["good"]


async def test_a_name_that_comes_twice_is_refused_with_the_place_of_the_first(deps: Deps) -> None:
    outcomes = await run(deps, [snapshot("é", place="line 2"), snapshot("e\u0301", "other", place="line 3")])
    assert [outcome.fate for outcome in outcomes] == [Fate.CREATED, Fate.REFUSED]
    assert "line 2" in outcomes[1].notes[0]


async def test_an_archived_prompt_is_unchanged_or_refused(deps: Deps) -> None:
    await run(deps, [snapshot("a", "one")])
    await archive_prompt(deps, LOCAL_ACCESS, (await latest(deps, "a")).prompt_id)
    assert await fates(deps, [snapshot("a", "one")]) == [Fate.UNCHANGED]
    assert await fates(deps, [snapshot("a", "two")]) == [Fate.REFUSED]
    assert await fates(deps, [history("a", "one", "two")]) == [Fate.REFUSED]


async def test_the_limits_of_the_registry_hold(mongodb_url: str) -> None:
    async with new_registry(mongodb_url, Limits(template=10)) as deps:
        assert await fates(deps, [snapshot("a", "x" * 11), snapshot("b", "x" * 10)]) == [Fate.REFUSED, Fate.CREATED]


def with_scopes(*scopes: Scope, grants: tuple[Grant, ...] = EVERYWHERE) -> Access:
    return Access(Actor("x", ActorKind.SERVICE, "x", "x"), frozenset(scopes), grants)


async def test_importing_needs_the_right_to_write(deps: Deps) -> None:
    with pytest.raises(ForbiddenError):
        await run(deps, [snapshot("a")], with_scopes(Scope.PROMPTS_READ))


async def test_a_history_needs_the_right_to_act_for_others(deps: Deps) -> None:
    with pytest.raises(ForbiddenError, match="actors:impersonate"):
        await run(deps, [history("a", "x")], with_scopes(Scope.PROMPTS_READ, Scope.PROMPTS_WRITE))


async def test_a_protected_label_needs_its_scope(deps: Deps) -> None:
    access = with_scopes(*(set(Scope) - {Scope.LABELS_PROTECTED}))
    with pytest.raises(ForbiddenError, match="labels:protected"):
        await run(deps, [history("a", "x", labels=(PastLabel("production", 1, at(1), None),))], access)


async def test_outside_the_granted_folders_each_entry_is_refused(deps: Deps) -> None:
    access = with_scopes(*Scope, grants=(Grant("mine", can_write=True), Grant("theirs")))
    entries: list[Entry] = [snapshot("mine/a"), snapshot("theirs/a"), history("other", "x")]
    assert await fates(deps, entries, access) == [Fate.CREATED, Fate.REFUSED, Fate.REFUSED]


async def labels_of(deps: Deps, name: str) -> dict[str, int]:
    prompt = await deps.store.prompts.find(LOCAL_ACCESS, PromptByName(name))
    assert prompt
    return {label.name: label.version for label in prompt.labels.values()}


async def test_labels_of_a_snapshot_point_at_the_version_that_it_writes_and_at_no_other(deps: Deps) -> None:
    entry = replace(snapshot("a"), labels=("staging",))
    await run(deps, [entry])
    assert await labels_of(deps, "a") == {"staging": 1}
    await run(deps, [snapshot("a", "Other")])
    assert await fates(deps, [replace(snapshot("a", "Other"), labels=("staging",))]) == [Fate.UNCHANGED]
    assert await labels_of(deps, "a") == {"staging": 1}
    await run(deps, [replace(snapshot("a", "Third"), labels=("staging",))])
    assert await labels_of(deps, "a") == {"staging": 3}


async def test_a_label_that_cannot_be_set_is_told_and_the_prompt_is_there(deps: Deps) -> None:
    (outcome,) = await run(deps, [replace(snapshot("a"), labels=("latest",))])
    assert outcome.fate is Fate.CREATED
    assert "The label 'latest' is not set" in outcome.notes[0]

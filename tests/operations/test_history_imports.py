"""A history comes in whole, or adds the versions that are missing; what is here otherwise stays as it is."""

from dataclasses import replace

import pytest

from graph.domain.patches import PromptPatch
from graph.domain.prompts import (
    LATEST_VERSION,
    PromptByName,
    VersionDraft,
)
from graph.domain.templates import TextTemplate
from graph.exchange.entries import (
    ForkSource,
    History,
    PastLabel,
)
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.import_results import Fate
from graph.operations.labels import set_label
from graph.operations.prompts import update_prompt
from graph.operations.versions import append_version
from tests.exchange.registries import documents, exported
from tests.operations.importing import ADA, at, deps, fates, history, latest, run

__all__ = ["deps"]


async def test_what_a_history_says_otherwise_of_a_prompt_that_is_there_is_told(deps: Deps) -> None:
    staging = (PastLabel("staging", 1, at(9), ADA),)
    await run(deps, [history("h", "a", "b", labels=staging)])
    assert [one.notes for one in await run(deps, [history("h", "a", "b", labels=staging)])] == [()]
    other = history("h", "a", "b", labels=(PastLabel("staging", 2, at(9), ADA),))
    other = replace(other, prompt=replace(other.prompt, tags=("t",), description="New"))
    [outcome] = await run(deps, [other])
    assert outcome.fate is Fate.UNCHANGED
    assert outcome.notes == (
        "The label 'staging' is at version 2 in the file, and left as it is here.",
        "Left as it is here: description, tags.",
    )


async def test_a_longer_history_adds_what_is_missing_with_its_authors_and_times(deps: Deps) -> None:
    await run(deps, [history("a", "one", "two")])
    (outcome,) = await run(deps, [history("a", "one", "two", "three", "four")])
    assert (outcome.fate, outcome.notes) == (Fate.NEW_VERSION, ("Versions 3 to 4 were added.",))
    version = await latest(deps, "a")
    assert (version.number, version.change_note, version.created_at) == (4, "note 4", at(4))
    assert version.author_id
    assert (await deps.store.actors.find_many([version.author_id]))[version.author_id].handle == "ada"


async def test_completing_a_history_leaves_its_facts_and_labels_alone(deps: Deps) -> None:
    await run(deps, [history("a", "one")])
    prompt_id = (await latest(deps, "a")).prompt_id
    await set_label(deps, LOCAL_ACCESS, prompt_id, "production", LATEST_VERSION)
    await update_prompt(deps, LOCAL_ACCESS, prompt_id, PromptPatch(title="Mine"))
    await run(deps, [history("a", "one", "two", labels=(PastLabel("production", 2, at(9), ADA),))])
    prompt = await deps.store.prompts.find(LOCAL_ACCESS, PromptByName("a"))
    assert prompt
    assert (prompt.title, prompt.labels["production"].version, prompt.latest) == ("Mine", 1, 2)


async def test_a_history_that_is_ahead_here_is_unchanged(deps: Deps) -> None:
    await run(deps, [history("a", "one", "two")])
    assert await fates(deps, [history("a", "one")]) == [Fate.UNCHANGED]


async def test_histories_that_parted_are_refused_with_the_version(deps: Deps) -> None:
    await run(deps, [history("a", "one")])
    await append_version(deps, LOCAL_ACCESS, (await latest(deps, "a")).prompt_id, 1, VersionDraft(TextTemplate("2")))
    before = await documents(deps)
    (outcome,) = await run(deps, [history("a", "one", "two", "three")])
    assert outcome.fate is Fate.REFUSED
    assert "Version 2 says something else here" in outcome.notes[0]
    assert await documents(deps) == before


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (history("a", "one", "one"), "Version 2 says the same"),
        (history("a", "one", ""), "versions.2.template.text: "),
        (history("a", "x", labels=(PastLabel("latest", 1, at(1), None),)), "labels: `latest`"),
        (history("a", "x", labels=(PastLabel("p", 1, at(1), None),) * 2), "twice"),
        (history("a/", "x"), "name: Slashes"),
    ],
)
async def test_a_history_that_no_registry_could_have_is_refused_whole(deps: Deps, entry: History, reason: str) -> None:
    (outcome,) = await run(deps, [entry])
    assert outcome.fate is Fate.REFUSED
    assert reason in outcome.notes[0]
    assert not (await documents(deps))["prompts"]


async def test_forks_find_their_sources_in_any_order(deps: Deps) -> None:
    entries = [
        history("a", "x", source=ForkSource("b", 2)),
        history("b", "x", "y", source=ForkSource("c", 1)),
        history("c", "x"),
    ]
    await run(deps, entries)
    lines = await exported(deps)
    assert '"forkedFrom":{"name":"b","number":2}' in lines[0]
    assert '"forkedFrom":{"name":"c","number":1}' in lines[1]


async def test_a_fork_whose_source_is_not_here_is_made_and_told(deps: Deps) -> None:
    loop = [history("a", "x", source=ForkSource("b", 1)), history("b", "x", source=ForkSource("a", 1))]
    outcomes = await run(deps, [history("f", "x", source=ForkSource("gone", 3)), *loop])
    assert [outcome.fate for outcome in outcomes] == [Fate.CREATED] * 3
    assert "version 3 of 'gone', which is not here" in outcomes[0].notes[0]


async def test_notes_of_a_history_are_told_when_something_is_written(deps: Deps) -> None:
    entry = replace(history("h", "a", "b"), notes=("Odd.",))
    assert [outcome.notes for outcome in await run(deps, [entry])] == [("Odd.",)]
    assert [outcome.notes for outcome in await run(deps, [entry])] == [()]

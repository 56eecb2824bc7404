"""Labels and the ledger of their moves."""

import asyncio
from dataclasses import replace

import pytest

from graph.domain.actors import Scope
from graph.domain.errors import InvalidInputError, LabelConflictError, LabelProtectedError, NotFoundError
from graph.domain.paging import PageRequest
from graph.domain.prompts import Prompt, PromptById, VersionByLabel, VersionByNumber
from graph.operations.deps import Deps
from graph.operations.labels import LabelSet, count_moves, list_moves, remove_label, set_label
from graph.operations.prompts import create_prompt, get_prompt
from graph.operations.versions import append_version
from tests.fixtures import Records, caller, draft, text_version

ADA = caller("ada")
BOB = caller("bob", set(Scope) - {Scope.LABELS_PROTECTED})
MOVERS = 16


async def make_prompt(deps: Deps, versions: int = 3) -> Prompt:
    prompt = await create_prompt(deps, ADA, draft())
    for number in range(1, versions):
        prompt = (await append_version(deps, ADA, prompt.id, number, text_version(f"Version {number + 1}"))).prompt
    return prompt


async def test_the_ledger_tells_every_move_newest_first(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(1))
    await set_label(deps, BOB, prompt.id, "staging", VersionByLabel("latest"))
    await set_label(deps, ADA, prompt.id, "other", VersionByNumber(2))
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(3))
    await remove_label(deps, BOB, prompt.id, "staging")
    page = await list_moves(deps, prompt, "staging", PageRequest(10))
    assert [(move.from_version, move.to_version, move.moved_by) for move in page.items] == [
        (3, None, BOB.actor_id),
        (1, 3, BOB.actor_id),
        (None, 1, ADA.actor_id),
    ]
    assert await count_moves(deps, prompt, "staging") == 3
    newest = await list_moves(deps, prompt, "staging", PageRequest(1))
    rest = await list_moves(deps, prompt, "staging", PageRequest(5, after=(newest.items[0].revision,)))
    assert newest.items + rest.items == page.items


async def test_a_label_remembers_who_moved_it_and_when(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    done = await set_label(deps, BOB, prompt.id, "staging", VersionByNumber(2))
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held == done.prompt
    assert (done.label.version, done.label.moved_by, done.label.moved_at) == (2, BOB.actor_id, done.prompt.updated_at)


async def test_a_label_can_follow_another(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(2))
    done = await set_label(deps, ADA, prompt.id, "production", VersionByLabel("staging"))
    assert (done.label.version, done.previous) == (2, None)


async def test_of_concurrent_moves_from_the_same_version_one_wins(deps: Deps, records: Records) -> None:
    prompt = await make_prompt(deps, MOVERS + 1)
    await set_label(deps, ADA, prompt.id, "staging", VersionByNumber(MOVERS + 1))
    moves = [
        set_label(deps, ADA, prompt.id, "staging", VersionByNumber(number), expected_version=MOVERS + 1)
        for number in range(1, MOVERS + 1)
    ]
    results = await asyncio.gather(*moves, return_exceptions=True)
    (winner,) = [result for result in results if isinstance(result, LabelSet)]
    conflicts = [result for result in results if isinstance(result, LabelConflictError)]
    assert len(conflicts) == MOVERS - 1
    assert {conflict.label for conflict in conflicts} == {winner.label}
    assert len(await records.all("events", kind="label_set")) == 2


async def test_concurrent_moves_make_a_ledger_without_a_break(deps: Deps) -> None:
    prompt = await make_prompt(deps, MOVERS)
    numbers = range(1, MOVERS + 1)
    await asyncio.gather(*(set_label(deps, ADA, prompt.id, "staging", VersionByNumber(n)) for n in numbers))
    moves = (await list_moves(deps, prompt, "staging", PageRequest(100))).items[::-1]
    assert sorted(move.to_version or 0 for move in moves) == list(numbers)
    assert [move.from_version for move in moves] == [None, *(move.to_version for move in moves[:-1])]
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held is not None
    assert held.labels["staging"].version == moves[-1].to_version


async def test_different_labels_are_set_at_once_and_none_is_lost(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    names = {f"label-{number}" for number in range(MOVERS)}
    await asyncio.gather(*(set_label(deps, ADA, prompt.id, name, VersionByNumber(1)) for name in names))
    held = await get_prompt(deps, ADA, PromptById(prompt.id))
    assert held is not None
    assert set(held.labels) == names


async def test_a_protected_label_is_moved_by_holders_of_its_scope_only(deps: Deps, records: Records) -> None:
    prompt = await make_prompt(deps)
    await set_label(deps, ADA, prompt.id, "production", VersionByNumber(1))
    before = await records.snapshot()
    for attempt in (
        set_label(deps, BOB, prompt.id, "production", VersionByNumber(2)),
        set_label(deps, BOB, prompt.id, "production", VersionByNumber(1)),
        remove_label(deps, BOB, prompt.id, "production"),
    ):
        with pytest.raises(LabelProtectedError) as refused:
            await attempt
        assert refused.value.label is not None
    assert await records.snapshot() == before


async def test_which_labels_are_protected_is_a_setting(deps: Deps) -> None:
    prompt = await make_prompt(deps)
    other = replace(deps, protected_labels=frozenset({"staging"}))
    await set_label(other, BOB, prompt.id, "production", VersionByNumber(1))
    with pytest.raises(LabelProtectedError):
        await set_label(other, BOB, prompt.id, "staging", VersionByNumber(1))


async def test_labels_are_bounded_but_moving_one_is_not(deps: Deps) -> None:
    few = replace(deps, limits=replace(deps.limits, labels=1))
    prompt = await make_prompt(few)
    await set_label(few, ADA, prompt.id, "a", VersionByNumber(1))
    with pytest.raises(InvalidInputError):
        await set_label(few, ADA, prompt.id, "b", VersionByNumber(1))
    assert (await set_label(few, ADA, prompt.id, "a", VersionByNumber(2))).previous == 1


async def test_a_version_that_is_not_there_takes_no_label(deps: Deps, records: Records) -> None:
    prompt = await make_prompt(deps)
    before = await records.snapshot()
    for selector in (VersionByNumber(4), VersionByNumber(0), VersionByLabel("nowhere")):
        with pytest.raises(NotFoundError) as refused:
            await set_label(deps, ADA, prompt.id, "staging", selector)
        assert refused.value.path == ("version",)
    assert await records.snapshot() == before

"""Whom a change reaches: those that include what has changed, and those that include them."""

from collections.abc import Mapping, Sequence

from graph.domain.actors import EVERYWHERE, Access, Scope
from graph.domain.events import Event, EventKind
from graph.domain.prompts import LATEST, Prompt
from graph.domain.selectors import target_of
from graph.store.references import Includer
from graph.store.store import Store

EVERYONE = Access(actor=None, scopes=frozenset({Scope.PROMPTS_READ}), grants=EVERYWHERE)
AT_ONCE = 1_000

Reached = Mapping[str, Sequence[int]]
"""The numbers of a prompt's newest and labelled versions that are reached, by its id."""


def marks_of(event: Event) -> list[str]:
    """What the event gives another meaning, as `references` keeps it; nothing for most kinds."""
    sight = event.after or event.before
    if sight is None:
        return []
    if event.kind is EventKind.VERSION_CREATED:
        return [target_of(sight.name, LATEST)]
    if event.kind in (EventKind.LABEL_SET, EventKind.LABEL_REMOVED):
        return [target_of(sight.name, str(event.change["label"]))]
    return [sight.name] if event.kind in (EventKind.CREATED, EventKind.DELETED) else []


async def find_reached(store: Store, event: Event, depth: int) -> Reached:
    """Those that included it when it happened, at most so many levels up. Each is told once, by whatever ways."""
    reached: dict[str, set[int]] = {}
    seen: set[tuple[str, int]] = set()  # versions, not their events: those of an imported history share one
    marks = marks_of(event)
    for _ in range(depth):
        includers = await store.references.find_includers(marks)
        found = [one for one in includers if (one.prompt_id, one.number) not in seen]
        seen.update((one.prompt_id, one.number) for one in found)
        marks = []
        for start in range(0, len(found), AT_ONCE):
            some = await store.references.earlier_than(found[start : start + AT_ONCE], event.seq or 0)
            marks += await _climb(store, some, reached)
    reached.pop(event.prompt_id, None)
    return {prompt_id: sorted(numbers) for prompt_id, numbers in reached.items()}


async def _climb(store: Store, found: Sequence[Includer], reached: dict[str, set[int]]) -> list[str]:
    """Notes those of the versions that are the newest or labelled, and answers with what all of them are known by."""
    prompts = await store.prompts.find_many(EVERYONE, list({one.prompt_id for one in found}))
    marks: list[str] = []
    for one in found:
        prompt = prompts.get(one.prompt_id)
        if prompt is None:
            continue
        names = _names_of(prompt, one.number)
        if names:
            reached.setdefault(prompt.id, set()).add(one.number)
        marks += [target_of(prompt.name, name) for name in (*names, str(one.number))]
    return marks


def _names_of(prompt: Prompt, number: int) -> list[str]:
    labels = [label.name for label in prompt.labels.values() if label.version == number]
    return [*labels, LATEST] if number == prompt.latest else labels

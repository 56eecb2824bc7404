"""What a list's objects will be asked for, read ahead of the asking.

A resolver that must wait costs a task of the event loop; twenty prompts with four such fields make eighty. So a
list looks at the names selected below it and loads what they mean for all its prompts first; the resolvers then find
the answers in the loaders, and need not wait. A name that is selected further down, or skipped, costs one question
too many at the most; one that is not known here is loaded as ever.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from graph.domain.prompts import Prompt, VersionRef
from graph.schema.context import Info
from graph.schema.loaders import ALL


def selected_names(info: Info) -> set[str]:
    """The names of all fields below this one, through fragments."""
    raw = info._raw_info
    names: set[str] = set()
    spread: set[str] = set()
    pending: list[SelectionSetNode | None] = [node.selection_set for node in raw.field_nodes]
    while pending:
        for selection in getattr(pending.pop(), "selections", ()):
            if isinstance(selection, FieldNode):
                names.add(selection.name.value)
                pending.append(selection.selection_set)
            elif isinstance(selection, InlineFragmentNode):
                pending.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                spread.add(selection.name.value)
                pending.append(raw.fragments[selection.name.value].selection_set)
    return names


async def preload(info: Info, prompts: Sequence[Prompt]) -> None:
    """Loads what the selection asks of these prompts, each kind in one question."""
    names = selected_names(info)
    loaders, rater = info.context.loaders, info.context.access.actor_id
    questions: list[Awaitable[Any]] = []
    if refs := {ref for prompt in prompts for ref in _versions(prompt, names)}:
        questions.append(loaders.version.load_many(refs))
    if actors := {actor for prompt in prompts for actor in _actors(prompt, names)}:
        questions.append(loaders.actor.load_many(actors))
    if rater and "viewerRating" in names:
        questions.append(loaders.rating.load_many([(rater, prompt.id) for prompt in prompts]))
    if "isProtected" in names:
        questions.append(loaders.protected_labels.load_many([ALL]))
    if len(questions) == 1:
        await questions[0]
    elif questions:
        await asyncio.gather(*questions)


def _versions(prompt: Prompt, names: set[str]) -> Iterable[VersionRef]:
    if "latestVersion" in names:
        yield VersionRef(prompt.id, prompt.latest)
    if "labels" in names and "version" in names:
        for label in prompt.labels.values():
            yield VersionRef(prompt.id, label.version)


def _actors(prompt: Prompt, names: set[str]) -> Iterable[str]:
    if "author" in names and prompt.author_id:
        yield prompt.author_id
    if "movedBy" in names:
        for label in prompt.labels.values():
            if label.moved_by:
                yield label.moved_by

"""Publishing: a version under a name, for faces whose protocol has one call for the first version and every other.

Such a caller names no version that it wrote against, so the append is tried again after somebody quicker's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from graph.domain.actors import Access, Scope
from graph.domain.denials import ForbiddenError
from graph.domain.errors import InvalidInputError, NameTakenError, NotFoundError, VersionConflictError
from graph.domain.names import clean_label, clean_tags
from graph.domain.patches import PromptPatch
from graph.domain.prompts import (
    Prompt,
    PromptByName,
    PromptDraft,
    PromptVersion,
    VersionByNumber,
    VersionDraft,
    VersionRef,
)
from graph.domain.templates import Variable, VariableType
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.outcomes import after_a_write
from graph.operations.prompts import create_with_version, get_prompt, update_prompt
from graph.operations.protection import protected_labels
from graph.operations.rights import require
from graph.operations.versions import append_version, get_versions
from graph.templating.variables import resolve_variables

ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Published:
    """The version that now holds the content, its prompt, and whether it was made by this call."""

    prompt: Prompt
    version: PromptVersion
    is_new: bool


async def publish(
    deps: Deps,
    access: Access,
    name: str,
    draft: VersionDraft,
    tags: tuple[str, ...] | None = None,
    labels: Sequence[str] = (),
    *,
    keeps_kind: bool = False,
) -> Published:
    """Makes the prompt, or appends to it; where the latest says the same already, nothing is appended.

    With `keeps_kind` a text stays a text, and a chat a chat.
    `tags` None leaves them as they are. `labels` then point at the version: whether the caller may set them is looked
    at first, so that no version is made of what is half allowed. Raises InvalidInputError, NameTakenError for a
    prompt out of sight, PromptArchivedError, FolderForbiddenError, and VersionConflictError after many tries.
    """
    require(access, Scope.PROMPTS_WRITE)
    labels = await check_labels(deps, access, labels)
    if tags is not None:
        tags = clean_tags(tags, deps.limits)
    published = await _write(deps, access, PromptDraft(name=name, version=draft, tags=tags or ()), labels, keeps_kind)
    prompt = published.prompt
    with after_a_write(published.is_new):
        if tags is not None and tags != prompt.tags:
            prompt = await update_prompt(deps, access, prompt.id, PromptPatch(tags=tags))
        if labels:
            # Who has published after this with the same label comes after it here, too.
            prompt = await set_labels(deps, access, prompt, published.version.number, labels, keeps_newer=True)
    return replace(published, prompt=prompt)


async def check_labels(deps: Deps, access: Access, names: Sequence[str]) -> tuple[str, ...]:
    """The labels, each once. Raises InvalidInputError and ForbiddenError for those that the caller may not set."""
    cleaned = tuple(dict.fromkeys(clean_label(name, ("labels", str(index))) for index, name in enumerate(names)))
    if cleaned:
        require(access, Scope.LABELS_WRITE)
    if cleaned and not access.has(Scope.LABELS_PROTECTED) and not (await protected_labels(deps)).isdisjoint(cleaned):
        raise ForbiddenError(Scope.LABELS_PROTECTED.value)
    return cleaned


async def set_labels(
    deps: Deps, access: Access, prompt: Prompt, number: int, names: Sequence[str], *, keeps_newer: bool = False
) -> Prompt:
    """Points all the labels at the version, one after the other; doing it again after a failure is safe."""
    _check_room(deps, prompt.labels, names)
    version, before = VersionByNumber(number), prompt
    for name in names:
        with after_a_write(prompt is not before):
            prompt = (await set_label(deps, access, prompt.id, name, version, keeps_newer=keeps_newer)).prompt
    return prompt


def _check_room(deps: Deps, held: Collection[str], names: Sequence[str]) -> None:
    if len({*held, *names}) > deps.limits.labels:
        raise InvalidInputError(f"A prompt has at most {deps.limits.labels} labels.", ("labels",))


async def _write(deps: Deps, access: Access, draft: PromptDraft, labels: Sequence[str], keeps_kind: bool) -> Published:
    was_taken = False
    for attempt in range(1, ATTEMPTS + 1):
        prompt = await get_prompt(deps, access, PromptByName(draft.name))
        _check_room(deps, prompt.labels if prompt else (), labels)
        try:
            if prompt is not None:
                return await _append(deps, access, prompt, draft.version, keeps_kind)
            return await _create(deps, access, draft)
        except NameTakenError:
            if was_taken:  # by a prompt that the caller may not see
                raise
            was_taken = True
        except (VersionConflictError, NotFoundError):  # somebody was quicker: with a version, or to delete the prompt
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt answers or raises")


async def _create(deps: Deps, access: Access, draft: PromptDraft) -> Published:
    return Published(*await create_with_version(deps, access, draft), is_new=True)


async def _append(deps: Deps, access: Access, prompt: Prompt, draft: VersionDraft, keeps_kind: bool) -> Published:
    latest = await _read(deps, prompt, prompt.latest)
    if keeps_kind and latest.template.kind is not draft.template.kind:
        kind = latest.template.kind.value
        raise InvalidInputError(f"The prompt is a {kind} prompt and stays one here. Choose another name.", ("type",))
    draft = replace(draft, variables=keep_declarations(deps, draft, latest.variables))
    done = await append_version(deps, access, prompt.id, prompt.latest, draft)
    return Published(done.prompt, done.version, done.is_new)


async def _read(deps: Deps, prompt: Prompt, number: int) -> PromptVersion:
    ref = VersionRef(prompt.id, number)
    version = (await get_versions(deps, (ref,))).get(ref)
    if version is None:
        raise NotFoundError("There is no such prompt.", ("name",))  # it was deleted this moment
    return version


def keep_declarations(deps: Deps, draft: VersionDraft, known: Sequence[Variable]) -> tuple[Variable, ...]:
    """What the draft declares, and of what was declared before that which still fits its template.

    Protocols that know names only would else strip the types, descriptions and defaults with every edit.
    """
    declared = {variable.name for variable in draft.variables}
    told = {variable.name: variable.description for variable in known}
    own = [replace(one, description=one.description or told.get(one.name)) for one in draft.variables]
    uses = {variable.name: variable for variable in resolve_variables(draft.template, (), deps.limits)}
    kept = [
        variable
        for variable in known
        if variable.name not in declared and variable.name in uses and _is_alike(variable, uses[variable.name])
    ]
    return (*own, *kept)


def _is_alike(one: Variable, other: Variable) -> bool:
    return (one.type is VariableType.MESSAGES) == (other.type is VariableType.MESSAGES)

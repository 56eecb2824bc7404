"""Labels: point, remove, and the ledger of their moves."""

from dataclasses import dataclass, replace

from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, LabelConflictError, LabelProtectedError, NotFoundError
from graph.domain.events import Change, EventKind
from graph.domain.names import clean_label
from graph.domain.paging import Page, PageRequest
from graph.domain.prompts import Label, LabelMove, Prompt, VersionSelector, select_number
from graph.operations.deps import Deps
from graph.operations.prompts import refuse_archived
from graph.operations.protection import closed_labels, noting_protected
from graph.operations.rights import require


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Where the label points now, and the number it pointed at before; None when it is new."""

    prompt: Prompt
    label: Label
    previous: int | None


async def set_label(
    deps: Deps,
    access: Access,
    prompt_id: str,
    name: str,
    selector: VersionSelector,
    expected_version: int | None = None,
    *,
    keeps_newer: bool = False,
) -> LabelSet:
    """Points the label at a version, making it when it is new; where it points there already, nothing is written.

    `expected_version` is the number it must be moved away from, 0 for a new label; with `keeps_newer` it is not moved
    from a newer version. Raises InvalidInputError,
    NotFoundError, PromptArchivedError, LabelProtectedError and LabelConflictError.
    """
    require(access, Scope.LABELS_WRITE)
    name = clean_label(name)
    is_closed = name in await closed_labels(deps, access)
    now = deps.signature(access)
    previous: list[Label | None] = []

    def decide(prompt: Prompt) -> Change | None:
        refuse_archived(prompt)
        held = prompt.labels.get(name)
        previous[:] = [held]
        _refuse_closed(is_closed, prompt, name)
        if expected_version is not None and expected_version != (held.version if held else 0):
            raise LabelConflictError(prompt, name, held)
        number = select_number(prompt, selector)
        if number is None:
            raise NotFoundError("No version of the prompt answers to this selector.", ("version",))
        if held and (held.version == number or (keeps_newer and held.version > number)):
            return None
        if held is None and len(prompt.labels) >= deps.limits.labels:
            raise InvalidInputError(f"A prompt has at most {deps.limits.labels} labels.", ("name",))
        labels = {**prompt.labels, name: Label(name, number, now.at, now.actor_id)}
        detail = {"label": name, "from": held.version if held else None, "to": number}
        return Change(EventKind.LABEL_SET, replace(prompt, labels=labels, updated_at=now.at), detail)

    with noting_protected(deps, access):
        prompt = await deps.store.prompts.change(access, prompt_id, now, decide)
    before = previous[0]
    return LabelSet(prompt, prompt.labels[name], before.version if before else None)


async def remove_label(deps: Deps, access: Access, prompt_id: str, name: str) -> Prompt:
    """Takes the label away; of one that is not there, nothing is written.

    Raises NotFoundError, PromptArchivedError and LabelProtectedError.
    """
    require(access, Scope.LABELS_WRITE)
    is_closed = name in await closed_labels(deps, access)
    now = deps.signature(access)

    def decide(prompt: Prompt) -> Change | None:
        refuse_archived(prompt)
        held = prompt.labels.get(name)
        if held is None:
            return None
        _refuse_closed(is_closed, prompt, name)
        labels = {other: label for other, label in prompt.labels.items() if other != name}
        detail = {"label": name, "from": held.version, "to": None}
        return Change(EventKind.LABEL_REMOVED, replace(prompt, labels=labels, updated_at=now.at), detail)

    with noting_protected(deps, access):
        return await deps.store.prompts.change(access, prompt_id, now, decide)


async def list_moves(deps: Deps, prompt: Prompt, name: str, page: PageRequest) -> Page[LabelMove]:
    """A page of the label's ledger, newest first."""
    return await deps.store.events.label_moves(prompt.id, name, page)


async def count_moves(deps: Deps, prompt: Prompt, name: str) -> int:
    """How often the label was set, moved or removed."""
    return await deps.store.events.count_label_moves(prompt.id, name)


def _refuse_closed(is_closed: bool, prompt: Prompt, name: str) -> None:
    if is_closed:
        raise LabelProtectedError(prompt, name, prompt.labels.get(name))

"""One entry with one text: created, appended, its facts set, or found as it is."""

from dataclasses import replace
from typing import Any

from graph.domain.actors import Access
from graph.domain.errors import UserError
from graph.domain.json_values import same_json
from graph.domain.names import last_segment
from graph.domain.patches import PromptPatch
from graph.domain.prompts import Prompt, PromptByName, PromptDraft, PromptVersion, VersionByNumber
from graph.domain.rules import clean_prompt
from graph.exchange.entries import Snapshot
from graph.operations.deps import Deps
from graph.operations.examinations import notes_on
from graph.operations.import_results import Fate, Rehearsal
from graph.operations.labels import set_label
from graph.operations.prompts import create_with_version, prepare_prompt, refuse_archived, update_prompt
from graph.operations.publishing import check_labels
from graph.operations.rights import require_folder
from graph.operations.versions import append_version, prepare_version
from graph.templating.variables import build_content


async def import_snapshot(
    deps: Deps, access: Access, entry: Snapshot, rehearsal: Rehearsal | None = None
) -> tuple[Fate, tuple[str, ...]]:
    """Makes the registry say what the entry says. Raises UserError and FolderForbiddenError."""
    draft = clean_prompt(entry.draft, deps.limits)
    prompt = await deps.store.prompts.find(access, PromptByName(draft.name))
    if prompt is not None:
        return await _bring_up_to_date(deps, access, prompt, replace(entry, draft=draft), rehearsal)
    if rehearsal:
        now = deps.signature(access)
        _, version = await prepare_prompt(deps, access, draft, now, rehearsal.brings_all)
        return Fate.CREATED, await _rehearsed_notes(deps, access, version, entry)
    made, version = await create_with_version(deps, access, draft)
    return Fate.CREATED, await _notes(deps, access, made.id, version, entry)


async def _bring_up_to_date(
    deps: Deps, access: Access, prompt: Prompt, entry: Snapshot, rehearsal: Rehearsal | None
) -> tuple[Fate, tuple[str, ...]]:
    draft = entry.draft
    changed = _changed_facts(prompt, draft, entry.follows)
    is_new = build_content(draft.version, deps.limits).digest() != prompt.latest_digest
    if not changed and not is_new:
        return Fate.UNCHANGED, ()
    require_folder(access, prompt.name)
    refuse_archived(prompt)
    if changed and not rehearsal:
        await update_prompt(deps, access, prompt.id, PromptPatch(**changed))
    if not is_new:
        return Fate.UPDATED, entry.notes
    if rehearsal:
        now, trusts = deps.signature(access), rehearsal.brings_all
        version = await prepare_version(deps, access, prompt.id, prompt.latest, draft.version, now, trusts)
        return Fate.NEW_VERSION, await _rehearsed_notes(deps, access, version, entry)
    appended = await append_version(deps, access, prompt.id, prompt.latest, draft.version)
    return Fate.NEW_VERSION, await _notes(deps, access, prompt.id, appended.version, entry)


async def _rehearsed_notes(deps: Deps, access: Access, version: PromptVersion, entry: Snapshot) -> tuple[str, ...]:
    """The same as `_notes`, but that of the labels only the right to set them is known."""
    unset: list[str] = []
    for label in entry.labels:
        try:
            await check_labels(deps, access, (label,))
        except UserError as error:
            unset.append(f"The label {label!r} is not set: {error.message}")
    return (*entry.notes, *notes_on(version), *unset)


async def _notes(
    deps: Deps, access: Access, prompt_id: str, version: PromptVersion, entry: Snapshot
) -> tuple[str, ...]:
    """What is told of a version that was just written, when its labels are set."""
    unset = await _set_labels(deps, access, prompt_id, version.number, entry)
    return (*entry.notes, *notes_on(version), *unset)


async def _set_labels(deps: Deps, access: Access, prompt_id: str, number: int, entry: Snapshot) -> tuple[str, ...]:
    """Points the entry's labels at the version that was just written; answers with why one is not set."""
    notes: list[str] = []
    for label in entry.labels:
        try:
            await set_label(deps, access, prompt_id, label, VersionByNumber(number))
        except UserError as error:
            notes.append(f"The label {label!r} is not set: {error.message}")
    return tuple(notes)


def _changed_facts(prompt: Prompt, draft: PromptDraft, follows: frozenset[str]) -> dict[str, Any]:
    given = {name: getattr(draft, name) for name in sorted(follows)}
    if given.get("title", prompt.title) is None:
        given["title"] = last_segment(prompt.name)
    return {name: value for name, value in given.items() if not same_json(value, getattr(prompt, name))}

"""Prompts: read, list, create, update, archive, fork, delete."""

from collections.abc import Sequence
from dataclasses import replace

from graph.domain.actors import Access, Scope
from graph.domain.errors import (
    InvalidInputError,
    LabelProtectedError,
    PromptArchivedError,
    RevisionConflictError,
    StillIncludedError,
)
from graph.domain.events import Change, EventKind, Signature
from graph.domain.names import clean_prompt_name, last_segment, normalize
from graph.domain.paging import Page, PageRequest
from graph.domain.patches import PromptPatch, difference, patcher
from graph.domain.prompts import (
    Prompt,
    PromptById,
    PromptByName,
    PromptDraft,
    PromptSelector,
    PromptVersion,
    VersionDraft,
    VersionRef,
)
from graph.domain.queries import PromptFilter, PromptOrder, PromptOrderField
from graph.domain.ratings import RatingSummary
from graph.domain.rules import (
    clean_filter,
    clean_note,
    clean_prompt,
)
from graph.operations.deps import Deps
from graph.operations.examinations import examine_draft
from graph.operations.protection import closed_labels, noting_protected
from graph.operations.references import check_references
from graph.operations.rights import require, require_folder
from graph.operations.selectors import refuse_selector
from graph.templating.variables import build_content

BY_NAME = PromptOrder(PromptOrderField.NAME, descending=False)
NAMES_TOLD = 5


async def get_prompt(deps: Deps, access: Access, selector: PromptSelector) -> Prompt | None:
    """The prompt as it stands, or None when it does not exist or the caller may not see it."""
    return await deps.store.prompts.find(access, normal_selector(selector))


async def get_prompts(deps: Deps, access: Access, ids: Sequence[str]) -> dict[str, Prompt]:
    """Those of the prompts that exist and that the caller may see, by id, in one round trip."""
    return await deps.store.prompts.find_many(access, ids)


async def list_prompts(
    deps: Deps, access: Access, where: PromptFilter, order: PromptOrder, page: PageRequest
) -> Page[Prompt]:
    """A page of the prompts that the caller may see."""
    return await deps.store.prompts.page(access, clean_filter(where, deps.limits), order, page)


async def count_prompts(deps: Deps, access: Access, where: PromptFilter) -> int:
    """How many prompts the filter leaves of those that the caller may see."""
    return await deps.store.prompts.count(access, clean_filter(where, deps.limits))


async def create_prompt(deps: Deps, access: Access, draft: PromptDraft) -> Prompt:
    """Makes a prompt with its first version. Raises InvalidInputError and NameTakenError."""
    prompt, _ = await create_with_version(deps, access, draft)
    return prompt


async def create_with_version(deps: Deps, access: Access, draft: PromptDraft) -> tuple[Prompt, PromptVersion]:
    """The same, for those who want to know of the version too."""
    now = deps.signature(access)
    prompt, version = await prepare_prompt(deps, access, draft, now)
    await deps.store.prompts.insert(prompt, (version,), now)
    return prompt, version


async def prepare_prompt(
    deps: Deps, access: Access, draft: PromptDraft, now: Signature, trusts_references: bool = False
) -> tuple[Prompt, PromptVersion]:
    """What `create_prompt` writes, with every rule looked at; only the store can tell that the name is taken.

    With `trusts_references` what it includes need not be there yet.
    """
    require(access, Scope.PROMPTS_WRITE)
    draft = clean_prompt(draft, deps.limits)
    require_folder(access, draft.name)
    await refuse_selector(deps, draft.name)
    return await _build(deps, access, draft, now, trusts_references=trusts_references)


async def fork_prompt(deps: Deps, access: Access, version: VersionRef, name: str) -> Prompt:
    """Makes a private prompt of another one's version, which it remembers. The facts come along, labels do not.

    Raises InvalidInputError, NameTakenError and NotFoundError.
    """
    require(access, Scope.PROMPTS_WRITE)
    name = clean_prompt_name(name, deps.limits)
    source, forked = await deps.store.versions.get_visible(access, version)
    require_folder(access, name)
    await refuse_selector(deps, name)
    draft = PromptDraft(
        name=name,
        version=redraft(forked),
        title=source.title,
        description=source.description,
        category=source.category,
        tags=source.tags,
        metadata=source.metadata,
    )
    now = deps.signature(access)
    try:
        prompt, made = await _build(deps, access, draft, now, forked_from=version)
    except InvalidInputError as error:  # the content is not in the input: what is wrong with it is the choice
        raise InvalidInputError(error.message, ("versionId",)) from error
    await deps.store.prompts.insert(prompt, (made,), now)
    return prompt


async def update_prompt(
    deps: Deps, access: Access, prompt_id: str, patch: PromptPatch, expected_revision: int | None = None
) -> Prompt:
    """Changes the prompt's own facts; nothing is written when nothing changes.

    Raises InvalidInputError, NotFoundError, PromptArchivedError and RevisionConflictError.
    """
    require(access, Scope.PROMPTS_WRITE)
    patched = patcher(patch, deps.limits)
    now = deps.signature(access)

    def decide(prompt: Prompt) -> Change | None:
        refuse_archived(prompt)
        if expected_revision is not None and prompt.revision != expected_revision:
            raise RevisionConflictError(prompt)
        after = patched(prompt)
        changed = difference(prompt, after)
        return Change(EventKind.UPDATED, replace(after, updated_at=now.at), changed) if changed else None

    return await deps.store.prompts.change(access, prompt_id, now, decide)


async def archive_prompt(deps: Deps, access: Access, prompt_id: str) -> Prompt:
    """Puts the prompt away: read and rendered, not changed. Of an archived one, nothing is written."""
    require(access, Scope.PROMPTS_WRITE)
    now = deps.signature(access)

    def decide(prompt: Prompt) -> Change | None:
        if prompt.archived_at:
            return None
        return Change(EventKind.ARCHIVED, replace(prompt, archived_at=now.at, updated_at=now.at))

    return await deps.store.prompts.change(access, prompt_id, now, decide)


async def unarchive_prompt(deps: Deps, access: Access, prompt_id: str) -> Prompt:
    """Takes the prompt out again. Of a live one, nothing is written."""
    require(access, Scope.PROMPTS_WRITE)
    now = deps.signature(access)

    def decide(prompt: Prompt) -> Change | None:
        if not prompt.archived_at:
            return None
        return Change(EventKind.UNARCHIVED, replace(prompt, archived_at=None, updated_at=now.at))

    return await deps.store.prompts.change(access, prompt_id, now, decide)


async def delete_prompt(deps: Deps, access: Access, prompt_id: str, confirm_name: str) -> Prompt:
    """Removes the prompt, its history and its ratings for good, and answers with what it was.

    Its `revision` is that of the event that tells of the removal. Raises InvalidInputError, StillIncludedError among
    them when the caller sees others that include it, NotFoundError, and LabelProtectedError where a protected label
    would go with it.
    """
    require(access, Scope.PROMPTS_WRITE)
    await _refuse_included(deps, access, prompt_id)
    closed = await closed_labels(deps, access)

    def confirm(prompt: Prompt) -> None:
        if normalize(confirm_name) != prompt.name:
            raise InvalidInputError("This is not the prompt's name. Give it exactly.", ("confirmName",))
        for name in sorted(closed & prompt.labels.keys()):
            raise LabelProtectedError(prompt, name, prompt.labels[name])

    with noting_protected(deps, access):
        return await deps.store.prompts.delete(access, prompt_id, deps.signature(access), confirm)


async def _refuse_included(deps: Deps, access: Access, prompt_id: str) -> None:
    """What the caller does not see stops nothing: a refusal would tell of it."""
    prompt = await deps.store.prompts.find(access, PromptById(prompt_id))
    if prompt is None:
        return
    where = included_by(prompt)
    others = await deps.store.prompts.page(access, where, BY_NAME, PageRequest(NAMES_TOLD))
    if others.items:
        names = [other.name for other in others.items]
        raise StillIncludedError(names, await deps.store.prompts.count(access, where))


def included_by(prompt: Prompt) -> PromptFilter:
    """Leaves those whose newest or a labelled version includes the prompt."""
    return PromptFilter(includes=(prompt.name,), include_archived=True)


def normal_selector(selector: PromptSelector) -> PromptSelector:
    """Names are kept in NFC, so they are looked for in NFC, however they were typed."""
    return PromptByName(normalize(selector.name)) if isinstance(selector, PromptByName) else selector


def refuse_archived(prompt: Prompt) -> None:
    """Raises PromptArchivedError for an archived prompt."""
    if prompt.archived_at:
        raise PromptArchivedError(prompt.archived_at)


def redraft(version: PromptVersion) -> VersionDraft:
    """The version's content as a draft of the same content."""
    return VersionDraft(version.template, version.variables, version.model_settings)


async def _build(
    deps: Deps,
    access: Access,
    draft: PromptDraft,
    now: Signature,
    forked_from: VersionRef | None = None,
    trusts_references: bool = False,
) -> tuple[Prompt, PromptVersion]:
    content = build_content(draft.version, deps.limits)
    if not trusts_references:
        await check_references(deps, access, content, name=draft.name)
    note = clean_note(draft.version.change_note, deps.limits)
    prompt_id = deps.ids()
    version = PromptVersion(
        prompt_id=prompt_id,
        number=1,
        content=content,
        digest=content.digest(),
        change_note=note,
        created_at=now.at,
        author_id=now.actor_id,
        examination=examine_draft(deps, draft.version, content, note),
    )
    prompt = Prompt(
        id=prompt_id,
        name=draft.name,
        title=draft.title or last_segment(draft.name),
        description=draft.description,
        category=draft.category,
        tags=draft.tags,
        metadata=draft.metadata,
        visibility=draft.visibility,
        labels={},
        latest=1,
        latest_digest=version.digest,
        rating=RatingSummary(),
        usage_count=0,
        author_id=now.actor_id,
        forked_from=forked_from,
        created_at=now.at,
        updated_at=now.at,
        archived_at=None,
        revision=1,
    )
    return prompt, version

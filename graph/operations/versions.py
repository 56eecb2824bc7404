"""Versions: append, read, list, compare."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.domain.actors import Access, Scope
from graph.domain.denials import FolderForbiddenError
from graph.domain.errors import VersionConflictError
from graph.domain.events import Signature
from graph.domain.paging import Page, PageRequest
from graph.domain.prompts import Prompt, PromptVersion, VersionDraft, VersionRef
from graph.domain.rules import clean_note
from graph.operations.deps import Deps
from graph.operations.examinations import examine_draft
from graph.operations.prompts import refuse_archived
from graph.operations.references import check_references, expand_version
from graph.operations.rights import require
from graph.templating.changes import Changes, compare, with_needs
from graph.templating.inclusion import Expanded, holds_references
from graph.templating.variables import build_content


@dataclass(frozen=True, slots=True)
class Appended:
    """The version that now holds the content, its prompt, and whether it was made by this call."""

    prompt: Prompt
    version: PromptVersion
    is_new: bool


async def append_version(
    deps: Deps, access: Access, prompt_id: str, expected_latest: int, draft: VersionDraft
) -> Appended:
    """Appends a version after `expected_latest`, or finds that the latest has the same content already.

    The append is one update filtered on the number, so that of two writers one wins. Raises InvalidInputError,
    NotFoundError, PromptArchivedError and, for the one who came second, VersionConflictError.
    """
    now = deps.signature(access)
    version = await prepare_version(deps, access, prompt_id, expected_latest, draft, now)
    prompt = await deps.store.versions.append(access, version, now)
    if prompt is not None:
        return Appended(prompt, version, is_new=True)
    return await _explain(deps, access, version)


async def prepare_version(
    deps: Deps,
    access: Access,
    prompt_id: str,
    expected_latest: int,
    draft: VersionDraft,
    now: Signature,
    trusts_references: bool = False,
) -> PromptVersion:
    """What `append_version` writes, with every rule of its own looked at.

    With `trusts_references` what it includes need not be there yet.
    """
    require(access, Scope.PROMPTS_WRITE)
    content = build_content(draft, deps.limits)
    if not trusts_references:
        await check_references(deps, access, content, prompt_id)
    note = clean_note(draft.change_note, deps.limits)
    return PromptVersion(
        prompt_id=prompt_id,
        number=expected_latest + 1,
        content=content,
        digest=content.digest(),
        change_note=note,
        created_at=now.at,
        author_id=now.actor_id,
        examination=examine_draft(deps, draft, content, note),
    )


async def _explain(deps: Deps, access: Access, refused: PromptVersion) -> Appended:
    """Why nothing was appended: the latest says the same, or the error that tells what to do."""
    prompt, latest = await deps.store.versions.get_latest(access, refused.prompt_id)
    if not access.may_write(prompt.name):
        raise FolderForbiddenError
    refuse_archived(prompt)
    if latest.digest == refused.digest:
        return Appended(prompt, latest, is_new=False)
    raise VersionConflictError(prompt, latest)


async def get_versions(deps: Deps, refs: Sequence[VersionRef]) -> dict[VersionRef, PromptVersion]:
    """Those of the versions that exist, in at most two round trips, and none for what the cache holds.

    It does not look at rights: a caller who holds a prompt may read its versions. Get the prompt first.
    """
    return await deps.store.versions.get_many(refs)


def list_versions(prompt: Prompt, page: PageRequest) -> Page[VersionRef]:
    """A page of the prompt's versions, newest first: numbers are gapless, so this is arithmetic."""
    newest = prompt.latest if page.after is None else min(prompt.latest, page.after[0] - 1)
    oldest = 1 if page.before is None else max(1, page.before[0] + 1)
    if page.backward:
        newest_wanted = min(newest, oldest + page.size - 1)
        numbers = range(newest_wanted, oldest - 1, -1)
    else:
        oldest_wanted = max(oldest, newest - page.size + 1)
        numbers = range(newest, oldest_wanted - 1, -1)
    items = tuple(VersionRef(prompt.id, number) for number in numbers)
    if not items:
        return Page((), has_next=oldest > 1, has_previous=newest < prompt.latest)
    return Page(items, has_next=items[-1].number > 1, has_previous=items[0].number < prompt.latest)


async def compare_versions(deps: Deps, access: Access, older: PromptVersion, newer: PromptVersion) -> Changes:
    """What changed between two versions, in the words of the domain, with a bounded text diff.

    Variables are compared with those of included prompts, as these are now; the texts as they are written.
    """
    changes = compare(older.content, newer.content, deps.limits)
    if not any(holds_references(one.template) for one in (older, newer)):
        return changes
    before, after = [(await expand_version(deps, access, one)).content for one in (older, newer)]
    return with_needs(changes, before, after)


async def get_expanded(deps: Deps, access: Access, refs: Sequence[VersionRef]) -> dict[VersionRef, Expanded]:
    """The same with all that they include now. It looks at rights for what is included only."""
    found = await get_versions(deps, refs)
    return {ref: await expand_version(deps, access, version) for ref, version in found.items()}

"""Taking prompts out: each as it is now, or with its whole history, people and sources by name."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace

from graph.domain.actors import Access, Scope
from graph.domain.errors import NotFoundError
from graph.domain.names import clean_folder
from graph.domain.paging import PageRequest
from graph.domain.prompts import Label, Prompt, PromptDraft, PromptVersion, VersionRef
from graph.domain.queries import PromptFilter, PromptOrder, PromptOrderField
from graph.exchange.entries import ForkSource, PastLabel, PastPrompt, PastVersion, Person
from graph.operations.deps import Deps
from graph.operations.prompts import redraft
from graph.operations.rights import require

PAGE = 100
VERSIONS_AT_ONCE = 20  # of the largest that a template may be, some 16 MB


@dataclass(frozen=True, slots=True)
class Exported:
    """A prompt in the export's words, and as it is kept, to ask for its versions."""

    past: PastPrompt
    prompt: Prompt


async def count_exported(deps: Deps, access: Access, folder: str | None = None, archived: bool = True) -> int:
    """How many prompts the export will have."""
    return await deps.store.prompts.count(access, _filter(deps, folder, archived))


async def export_prompts(deps: Deps, access: Access, folder: str | None = None) -> AsyncIterator[Exported]:
    """Every prompt that the caller may see, archived ones too, in the order of their names.

    Each prompt is of one moment, the whole is not: what is made meanwhile may be in it or not.
    """
    require(access, Scope.PROMPTS_READ)
    async for prompts in _pages(deps, access, _filter(deps, folder, archived=True)):
        people = await _people(deps, [person for prompt in prompts for person in _ids_of(prompt)])
        sources = await _sources(deps, access, prompts)
        for prompt in prompts:
            yield Exported(_past_prompt(prompt, people, sources), prompt)


async def export_versions(deps: Deps, exported: Exported) -> AsyncIterator[PastVersion]:
    """The prompt's versions, oldest first."""
    prompt = exported.prompt
    for first in range(1, prompt.latest + 1, VERSIONS_AT_ONCE):
        numbers = range(first, min(first + VERSIONS_AT_ONCE, prompt.latest + 1))
        refs = [VersionRef(prompt.id, number) for number in numbers]
        versions = await deps.store.versions.get_many(refs)
        people = await _people(deps, [version.author_id for version in versions.values()])
        for ref in refs:
            if ref not in versions:
                raise NotFoundError(f"The prompt {prompt.name!r} was deleted meanwhile. Run the export again.")
            yield _past_version(versions[ref], people)


async def export_drafts(deps: Deps, access: Access, folder: str | None = None) -> AsyncIterator[PromptDraft]:
    """Every prompt that is not archived, with its latest version, in the order of their names."""
    require(access, Scope.PROMPTS_READ)
    async for prompts in _pages(deps, access, _filter(deps, folder, archived=False)):
        for start in range(0, len(prompts), VERSIONS_AT_ONCE):
            some = prompts[start : start + VERSIONS_AT_ONCE]
            latest = await deps.store.versions.get_many([VersionRef(prompt.id, prompt.latest) for prompt in some])
            for prompt in some:
                if version := latest.get(VersionRef(prompt.id, prompt.latest)):
                    yield _draft(prompt, version)


def _filter(deps: Deps, folder: str | None, archived: bool) -> PromptFilter:
    folders = (clean_folder(folder, deps.limits, ("folder",)),) if folder else None
    return PromptFilter(folders=folders, include_archived=archived)


async def _pages(deps: Deps, access: Access, where: PromptFilter) -> AsyncIterator[Sequence[Prompt]]:
    order = PromptOrder(PromptOrderField.NAME, descending=False)
    request = PageRequest(PAGE)
    while True:
        page = await deps.store.prompts.page(access, where, order, request)
        yield page.items
        if not page.has_next:
            return
        request = replace(request, after=(page.items[-1].name, page.items[-1].id))


def _ids_of(prompt: Prompt) -> list[str | None]:
    return [prompt.author_id, *(label.moved_by for label in prompt.labels.values())]


async def _people(deps: Deps, ids: Iterable[str | None]) -> dict[str | None, Person]:
    wanted = sorted({one for one in ids if one is not None})
    actors = await deps.store.actors.find_many(wanted) if wanted else {}
    return {key: Person(actor.kind, actor.handle, actor.display_name) for key, actor in actors.items()}


async def _sources(deps: Deps, access: Access, prompts: Sequence[Prompt]) -> dict[str, str]:
    """The names of the prompts that these were forked from, by id: those that are there and may be seen."""
    ids = sorted({prompt.forked_from.prompt_id for prompt in prompts if prompt.forked_from})
    found = await deps.store.prompts.find_many(access, ids) if ids else {}
    return {key: source.name for key, source in found.items()}


def _past_prompt(prompt: Prompt, people: dict[str | None, Person], sources: dict[str, str]) -> PastPrompt:
    fork = prompt.forked_from
    source = sources.get(fork.prompt_id) if fork else None
    return PastPrompt(
        name=prompt.name,
        title=prompt.title,
        description=prompt.description,
        category=prompt.category,
        tags=prompt.tags,
        metadata=prompt.metadata,
        visibility=prompt.visibility,
        author=people.get(prompt.author_id),
        created_at=prompt.created_at,
        updated_at=prompt.updated_at,
        archived_at=prompt.archived_at,
        forked_from=ForkSource(source, fork.number) if fork and source else None,
        labels=tuple(_past_label(label, people) for _, label in sorted(prompt.labels.items())),
    )


def _past_label(label: Label, people: dict[str | None, Person]) -> PastLabel:
    return PastLabel(label.name, label.version, label.moved_at, people.get(label.moved_by))


def _past_version(version: PromptVersion, people: dict[str | None, Person]) -> PastVersion:
    draft = replace(redraft(version), change_note=version.change_note)
    return PastVersion(version.number, draft, version.created_at, people.get(version.author_id))


def _draft(prompt: Prompt, version: PromptVersion) -> PromptDraft:
    return PromptDraft(
        name=prompt.name,
        version=redraft(version),
        title=prompt.title,
        description=prompt.description,
        category=prompt.category,
        tags=prompt.tags,
        metadata=prompt.metadata,
        visibility=prompt.visibility,
    )

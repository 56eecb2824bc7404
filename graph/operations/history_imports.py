"""One prompt with its whole history: made as it was, or given the versions that it lacks."""

from collections.abc import Sequence
from dataclasses import replace

from graph.domain.actors import Access, Actor, Scope
from graph.domain.errors import BrokenReferenceError, InvalidInputError, UserError
from graph.domain.json_values import same_json
from graph.domain.names import clean_label, clean_line, last_segment, normalize
from graph.domain.prompts import Label, Prompt, PromptByName, PromptDraft, PromptVersion, VersionRef, Visibility
from graph.domain.ratings import RatingSummary
from graph.domain.rules import clean_note, clean_prompt
from graph.exchange.entries import ForkSource, History, PastVersion, Person
from graph.operations.deps import Deps
from graph.operations.examinations import examine_draft, notes_on
from graph.operations.import_results import Fate, Rehearsal
from graph.operations.prompts import refuse_archived
from graph.operations.protection import protected_labels
from graph.operations.references import check_references
from graph.operations.rights import require, require_folder
from graph.templating.variables import build_content

COMPARED_AT_ONCE = 20
_FACTS = ("title", "description", "category", "tags", "metadata", "visibility")


async def import_history(
    deps: Deps, access: Access, entry: History, rehearsal: Rehearsal | None = None
) -> tuple[Fate, tuple[str, ...]]:
    """Makes the prompt, or completes it. Raises UserError, and AccessError where the caller may not.

    It writes in other people's names, so it needs the right to act for them.
    """
    require(access, Scope.ACTORS_IMPERSONATE)
    draft = clean_prompt(_facts(entry), deps.limits)
    versions = await _build_versions(deps, entry.versions, rehearsal)
    prompt = await deps.store.prompts.find(access, PromptByName(draft.name))
    if entry.is_foreign and not (rehearsal and rehearsal.brings_all):
        await _check_live(deps, access, entry, versions, prompt)
    if prompt is None:
        require_folder(access, draft.name)
        fate, notes = await _create(deps, access, entry, draft, versions, rehearsal)
    else:
        fate, added = await _complete(deps, access, prompt, versions, rehearsal)
        notes = (*added, *_left_alone(prompt, entry, draft))
    return fate, notes if fate is Fate.UNCHANGED else (*entry.notes, *notes)


def _facts(entry: History) -> PromptDraft:
    past = entry.prompt
    return PromptDraft(
        name=past.name,
        version=entry.versions[-1].draft,
        title=past.title,
        description=past.description,
        category=past.category,
        tags=past.tags,
        metadata=past.metadata,
        visibility=past.visibility,
    )


async def _build_versions(deps: Deps, past: Sequence[PastVersion], rehearsal: Rehearsal | None) -> list[PromptVersion]:
    """The versions with every rule checked; they know their prompt only when it has an id."""
    built: list[PromptVersion] = []
    for one in past:
        version = _build_version(deps, one)
        if built and built[-1].digest == version.digest:
            raise InvalidInputError(f"Version {one.number} says the same as the one before it.", ("versions",))
        built.append(version)
    # Authors are made only now: of a history that is refused, nothing is written.
    authors = [await _actor_id(deps, one.author, rehearsal) for one in past]
    return [replace(version, author_id=author) for version, author in zip(built, authors, strict=True)]


def _build_version(deps: Deps, past: PastVersion) -> PromptVersion:
    try:
        content = build_content(past.draft, deps.limits)
        note = clean_note(past.draft.change_note, deps.limits)
        _clean_person(deps, past.author)
        examination = examine_draft(deps, past.draft, content, note)
    except InvalidInputError as error:
        path = ("versions", str(past.number), *(error.path or ()))
        raise InvalidInputError(error.message, path) from error
    return PromptVersion("", past.number, content, content.digest(), note, past.created_at, None, examination)


def _clean_person(deps: Deps, person: Person | None) -> Person | None:
    if person is None:
        return None
    handle = clean_line(person.handle, deps.limits.handle, "An actor's handle", ("author", "handle"))
    display = clean_line(person.display_name, deps.limits.handle, "An actor's name", ("author", "displayName"))
    return replace(person, handle=handle, display_name=display)


async def _actor_id(deps: Deps, person: Person | None, rehearsal: Rehearsal | None) -> str | None:
    cleaned = _clean_person(deps, person)
    if cleaned is None or rehearsal:
        return None
    actor = await deps.store.actors.ensure(Actor(deps.ids(), cleaned.kind, cleaned.handle, cleaned.display_name))
    return actor.id


async def _check_live(
    deps: Deps, access: Access, entry: History, versions: Sequence[PromptVersion], prompt: Prompt | None
) -> None:
    """What becomes the newest or labelled must be able to include what it includes, as in every other new version."""
    labelled = {label.version for label in entry.prompt.labels} if prompt is None else set()
    known, name = prompt.latest if prompt else 0, normalize(entry.name)
    for version in versions[known:]:
        if version.number in {versions[-1].number, *labelled}:
            try:
                await check_references(deps, access, version.content, prompt.id if prompt else None, name)
            except BrokenReferenceError as error:
                path = ("versions", str(version.number), *(error.path or ()))
                raise BrokenReferenceError(error.message, error.selector, path) from error


async def _create(
    deps: Deps,
    access: Access,
    entry: History,
    draft: PromptDraft,
    versions: Sequence[PromptVersion],
    rehearsal: Rehearsal | None,
) -> tuple[Fate, tuple[str, ...]]:
    past, latest = entry.prompt, versions[-1]
    # What it was forked from may come with the same import.
    source, notes = (None, ()) if rehearsal else await _find_source(deps, access, past.forked_from)
    prompt = Prompt(
        id=deps.ids(),
        name=draft.name,
        title=draft.title or last_segment(draft.name),
        description=draft.description,
        category=draft.category,
        tags=draft.tags,
        metadata=draft.metadata,
        visibility=draft.visibility,
        labels=await _build_labels(deps, access, entry, rehearsal),
        latest=latest.number,
        latest_digest=latest.digest,
        rating=RatingSummary(),
        usage_count=0,
        author_id=await _actor_id(deps, past.author, rehearsal),
        forked_from=source,
        created_at=past.created_at,
        updated_at=past.updated_at,
        archived_at=past.archived_at,
        revision=1,
    )
    history = [replace(version, prompt_id=prompt.id) for version in versions]
    detail = {"number": prompt.latest, "imported": True}
    if not rehearsal:
        await deps.store.prompts.insert(prompt, history, deps.signature(access), detail)
    return Fate.CREATED, (*notes, *notes_on(latest))


async def _build_labels(deps: Deps, access: Access, entry: History, rehearsal: Rehearsal | None) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    protected = await protected_labels(deps) if entry.prompt.labels else frozenset()
    for past in entry.prompt.labels:
        require(access, Scope.LABELS_WRITE)
        name = clean_label(past.name, ("labels",))
        if name in protected:
            require(access, Scope.LABELS_PROTECTED)
        if name in labels:
            raise InvalidInputError(f"The label {name!r} is there twice.", ("labels",))
        labels[name] = Label(name, past.version, past.moved_at, await _actor_id(deps, past.moved_by, rehearsal))
    if len(labels) > deps.limits.labels:
        raise InvalidInputError(f"A prompt has at most {deps.limits.labels} labels.", ("labels",))
    return labels


async def _find_source(
    deps: Deps, access: Access, source: ForkSource | None
) -> tuple[VersionRef | None, tuple[str, ...]]:
    """The version that it was forked from, or why there is none."""
    if source is None:
        return None, ()
    found = await deps.store.prompts.find(access, PromptByName(source.name))
    if found and 1 <= source.number <= found.latest:
        return VersionRef(found.id, source.number), ()
    return None, (f"It was forked from version {source.number} of {source.name!r}, which is not here.",)


async def _complete(
    deps: Deps, access: Access, prompt: Prompt, versions: Sequence[PromptVersion], rehearsal: Rehearsal | None
) -> tuple[Fate, tuple[str, ...]]:
    await _refuse_parted(deps, prompt, versions)
    missing = versions[prompt.latest :]
    if not missing:
        return Fate.UNCHANGED, ()
    require_folder(access, prompt.name)
    refuse_archived(prompt)
    for version in missing if not rehearsal else ():
        version = replace(version, prompt_id=prompt.id)
        if await deps.store.versions.append(access, version, deps.signature(access)) is None:
            raise UserError("Somebody changed the prompt meanwhile. Run the import again.", ("versions",))
    added = f"Versions {missing[0].number} to {missing[-1].number} were added."
    return Fate.NEW_VERSION, (added, *notes_on(missing[-1]))


def _left_alone(prompt: Prompt, entry: History, draft: PromptDraft) -> tuple[str, ...]:
    """What the file says otherwise of a prompt that is there, whose facts and labels are not the file's to change."""
    moved = [
        f"The label {label.name!r} is at version {label.version} in the file, and left as it is here."
        for label in entry.prompt.labels
        if label.name not in prompt.labels or prompt.labels[label.name].version != label.version
    ]
    given = {name: getattr(draft, name) for name in _FACTS}
    unsaid: tuple[object, ...] = (None, "", (), {}, Visibility.PRIVATE, last_segment(draft.name))
    facts = [n for n, value in given.items() if value not in unsaid and not same_json(value, getattr(prompt, n))]
    return (*moved, *([f"Left as it is here: {', '.join(facts)}."] if facts else []))


async def _refuse_parted(deps: Deps, prompt: Prompt, versions: Sequence[PromptVersion]) -> None:
    """Raises UserError unless one history is the beginning of the other."""
    shared = versions[: prompt.latest]
    for start in range(0, len(shared), COMPARED_AT_ONCE):
        some = shared[start : start + COMPARED_AT_ONCE]
        here = await deps.store.versions.get_many([VersionRef(prompt.id, version.number) for version in some])
        for version in some:
            ours = here.get(VersionRef(prompt.id, version.number))
            if ours is None:
                raise UserError("Somebody deleted the prompt meanwhile. Run the import again.", ("name",))
            if ours.digest != version.digest:
                raise UserError(
                    f"Version {version.number} says something else here: the two histories have parted. "
                    "Import it under another name, or delete one of them.",
                    ("versions",),
                )

"""Bringing prompts in from files: each entry is created, brought up to date, found unchanged, or refused.

Entries with one text (CSV, simple JSON, Markdown): a prompt that is not there is created; where the latest version
says something else, a version is appended; facts are set where the file's format says that they follow it
(`snapshot_imports`).

Histories: a prompt that is not there is made with all its versions, labels, authors and times; one that is there
gets the versions that it lacks, when its own are the beginning of the file's, and keeps its facts and labels
(`history_imports`).

The same entries again write nothing. What is refused stops none of the others, and a database that is away
is waited for.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.domain.actors import Access, Scope
from graph.domain.denials import FolderForbiddenError
from graph.domain.errors import UserError
from graph.domain.names import normalize
from graph.domain.prompts import VersionDraft
from graph.domain.selectors import targets
from graph.exchange.entries import Entry, History, Refused, Snapshot, reason_of
from graph.operations.deps import Deps
from graph.operations.history_imports import import_history
from graph.operations.import_results import Fate, Outcome, Rehearsal
from graph.operations.rights import require
from graph.operations.snapshot_imports import import_snapshot
from graph.store.patience import Patience
from graph.templating.inclusion import mentions_of

AT_ONCE = 16


async def import_entries(
    deps: Deps, access: Access, entries: Iterable[Entry], dry_run: bool = False
) -> AsyncIterator[Outcome]:
    """What became of each entry, in the entries' order; forks, and prompts that include others, come last and in
    such an order that what they need is there.

    With `dry_run` nothing is written, and the fates are those that the entries would have as things are.
    Raises AccessError when the caller may not import at all, and UnavailableError when the database is gone for longer
    than `patience_seconds`: what was told until then is done, and trying again is safe.
    """
    require(access, Scope.PROMPTS_WRITE)
    patience = Patience(deps.exchange_limits.patience_seconds)
    needy: list[_Needy] = []
    places: dict[str, str] = {}

    def rehearse(entry: Entry) -> Rehearsal | None:
        if not dry_run or isinstance(entry, Refused):
            return None
        return Rehearsal(brings_all=bool(_needs_of(entry) & places.keys()))

    async def import_patiently(entry: Entry) -> Outcome:
        rehearsal = rehearse(entry)
        return await patience.insist(lambda: _import(deps, access, entry, rehearsal))

    async for outcome in _import_all(_without_needy(_without_twins(entries, places), needy), import_patiently):
        yield outcome
    for wave in _waves(needy):
        async for outcome in _import_all(wave, import_patiently):
            yield outcome


async def _import_all(
    entries: Iterable[Entry], import_one: Callable[[Entry], Coroutine[Any, Any, Outcome]]
) -> AsyncIterator[Outcome]:
    """Several at once, told in order."""
    running: deque[asyncio.Task[Outcome]] = deque()
    try:
        for entry in entries:
            if len(running) >= AT_ONCE:
                yield await running.popleft()
            running.append(asyncio.create_task(import_one(entry)))
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _import(deps: Deps, access: Access, entry: Entry, rehearsal: Rehearsal | None) -> Outcome:
    if isinstance(entry, Refused):
        return Outcome(entry.place, entry.name, Fate.REFUSED, (entry.reason,))
    try:
        if isinstance(entry, Snapshot):
            fate, notes = await import_snapshot(deps, access, entry, rehearsal)
        else:
            fate, notes = await import_history(deps, access, entry, rehearsal)
    except UserError as error:
        return Outcome(entry.place, entry.name, Fate.REFUSED, (reason_of(error.message, error.path),))
    except FolderForbiddenError as error:
        return Outcome(entry.place, entry.name, Fate.REFUSED, (error.message,))
    return Outcome(entry.place, entry.name, fate, notes)


def _without_twins(entries: Iterable[Entry], places: dict[str, str]) -> Iterator[Entry]:
    """Refuses a second entry of one name: each run would write one and then the other. `places` is filled by name."""
    for entry in entries:
        if isinstance(entry, Refused):
            yield entry
            continue
        name = normalize(entry.name)
        if name in places:
            yield Refused(entry.place, f"This name was given at {places[name]} already.", entry.name)
            continue
        places[name] = entry.place
        yield entry


@dataclass(frozen=True, slots=True)
class _Needy:
    """An entry that others should come before, by their names."""

    entry: Snapshot | History
    needs: frozenset[str]


def _without_needy(entries: Iterable[Entry], needy: list[_Needy]) -> Iterator[Entry]:
    """Puts aside what needs another prompt."""
    for entry in entries:
        if not isinstance(entry, Refused) and (needs := _needs_of(entry)):
            needy.append(_Needy(entry, needs))
        else:
            yield entry


def _needs_of(entry: Snapshot | History) -> frozenset[str]:
    """The source of a fork, and what is included where that is checked: not in a registry's own histories."""
    if isinstance(entry, Snapshot):
        return _included_by([entry.draft.version])
    source = frozenset({normalize(entry.prompt.forked_from.name)} if entry.prompt.forked_from else ())
    return source | _included_by([one.draft for one in entry.versions]) if entry.is_foreign else source


def _included_by(drafts: Iterable[VersionDraft]) -> frozenset[str]:
    mentions = [mention for draft in drafts for mention in mentions_of(draft.template)]
    return frozenset(name for mention in mentions for name, _ in targets(mention.selector))


def _waves(needy: list[_Needy]) -> Iterator[list[Snapshot | History]]:
    """The entries in such an order that what one needs always is in an earlier wave, where there is such an order."""
    left = {normalize(one.entry.name): one for one in needy}
    while left:
        free = [name for name, one in left.items() if not one.needs & left.keys()] or [_one_of_a_circle(left)]
        yield [left.pop(name).entry for name in free]


def _one_of_a_circle(left: Mapping[str, _Needy]) -> str:
    """Where everything needs something: one that needs itself, be it on a detour, so that no others wait in vain."""
    way: set[str] = set()
    name = next(iter(left))
    while name not in way:
        way.add(name)
        name = min(left[name].needs & left.keys())
    return name

"""Bringing prompts in from files: each entry is created, brought up to date, found unchanged, or refused.

Entries with one text (CSV, simple JSON, Markdown): a prompt that is not there is created; where the latest version
says something else, a version is appended; facts are set where the file's format says that they follow it
(`snapshot_imports`).

Histories: a prompt that is not there is made with all its versions, labels, authors and times; one that is there
gets the versions that it lacks, when its own are the beginning of the file's, and keeps its facts and labels
(`history_imports`).

The same entries again write nothing. What is refused stops none of the others.
"""

import asyncio
import unicodedata
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator

from graph.domain.actors import Access, Scope
from graph.domain.errors import FolderForbiddenError, UserError
from graph.exchange.entries import Entry, History, Refused, Snapshot, reason_of
from graph.operations.deps import Deps
from graph.operations.history_imports import import_history
from graph.operations.import_results import Fate, Outcome
from graph.operations.rights import require
from graph.operations.snapshot_imports import import_snapshot

AT_ONCE = 16


async def import_entries(deps: Deps, access: Access, entries: Iterable[Entry]) -> AsyncIterator[Outcome]:
    """What became of each entry, in the entries' order; forks come last, so that their sources are there.

    Raises AccessError when the caller may not import at all, and UnavailableError when the database is gone: what
    was told until then is done, and trying again is safe.
    """
    require(access, Scope.PROMPTS_WRITE)
    forks: list[History] = []
    async for outcome in _import_all(deps, access, _without_forks(_without_twins(entries), forks)):
        yield outcome
    for wave in _waves(forks):
        async for outcome in _import_all(deps, access, wave):
            yield outcome


async def _import_all(deps: Deps, access: Access, entries: Iterable[Entry]) -> AsyncIterator[Outcome]:
    """Several at once, told in order."""
    running: deque[asyncio.Task[Outcome]] = deque()
    try:
        for entry in entries:
            if len(running) >= AT_ONCE:
                yield await running.popleft()
            running.append(asyncio.create_task(_import(deps, access, entry)))
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _import(deps: Deps, access: Access, entry: Entry) -> Outcome:
    if isinstance(entry, Refused):
        return Outcome(entry.place, entry.name, Fate.REFUSED, (entry.reason,))
    try:
        if isinstance(entry, Snapshot):
            fate, notes = await import_snapshot(deps, access, entry)
        else:
            fate, notes = await import_history(deps, access, entry)
    except UserError as error:
        return Outcome(entry.place, entry.name, Fate.REFUSED, (reason_of(error.message, error.path),))
    except FolderForbiddenError as error:
        return Outcome(entry.place, entry.name, Fate.REFUSED, (error.message,))
    return Outcome(entry.place, entry.name, fate, notes)


def _without_twins(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Refuses a second entry of one name: each run would write one and then the other."""
    places: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, Refused):
            yield entry
            continue
        name = unicodedata.normalize("NFC", entry.name)
        if name in places:
            yield Refused(entry.place, f"This name was given at {places[name]} already.", entry.name)
            continue
        places[name] = entry.place
        yield entry


def _without_forks(entries: Iterable[Entry], forks: list[History]) -> Iterator[Entry]:
    """Puts the forks aside."""
    for entry in entries:
        if isinstance(entry, History) and entry.prompt.forked_from:
            forks.append(entry)
        else:
            yield entry


def _waves(forks: list[History]) -> Iterator[list[History]]:
    """Forks in such an order that a source always is in an earlier wave, where there is such an order."""
    left = {fork.name: fork for fork in forks}
    while left:
        free = [fork for fork in left.values() if fork.prompt.forked_from and fork.prompt.forked_from.name not in left]
        wave = free or list(left.values())
        for fork in wave:
            del left[fork.name]
        yield wave

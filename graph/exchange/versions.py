"""Versions of one prompt that another system tells one by one, as one entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.domain.names import last_segment
from graph.domain.prompts import VersionDraft
from graph.exchange.entries import Entry, History, PastLabel, PastPrompt, PastVersion, Snapshot


@dataclass(frozen=True, slots=True)
class Numbered:
    """A version with the number that it has elsewhere, and when it was made."""

    number: int
    created_at: datetime
    snapshot: Snapshot


def merge_versions(versions: Sequence[Numbered]) -> list[Entry]:
    """One version as it is; several as a history, numbered from 1; none as nothing.

    The newest one's facts are the prompt's, and nobody is named as author. A version that says what the one before it
    says is the same here, and told.
    """
    ordered = sorted(versions, key=lambda one: one.number)
    if len(ordered) < 2:
        return [_alone(one) for one in ordered]
    kept: list[Numbered] = []
    numbers: dict[int, int] = {}
    notes: list[str] = []
    for one in ordered:
        if kept and _says(kept[-1]) == _says(one):
            notes.append(f"Version {one.number} says what the one before it says, and is left out.")
        else:
            kept.append(one)
        numbers[id(one)] = len(kept)
        notes += [f"version {one.number}: {note}" for note in one.snapshot.notes]
        if one is kept[-1] and one.number != len(kept):
            notes.append(f"Version {one.number} is version {len(kept)} here.")
    if len(kept) == 1:
        return [replace(ordered[-1].snapshot, notes=tuple(notes))]
    labels = {label: (numbers[id(one)], one) for one in ordered for label in one.snapshot.labels}
    return [_history(kept, ordered[-1].snapshot, labels, tuple(notes))]


def _alone(one: Numbered) -> Snapshot:
    note = f"Version {one.number} came alone, and is numbered anew here."
    return one.snapshot if one.number == 1 else replace(one.snapshot, notes=(note, *one.snapshot.notes))


def _says(one: Numbered) -> VersionDraft:
    return replace(one.snapshot.draft.version, change_note=None)


def _history(
    kept: Sequence[Numbered], newest: Snapshot, labels: dict[str, tuple[int, Numbered]], notes: tuple[str, ...]
) -> History:
    times = _in_order([_to_millisecond(one.created_at) for one in kept])
    draft = newest.draft
    prompt = PastPrompt(
        name=draft.name,
        title=draft.title or last_segment(draft.name),
        description=draft.description,
        category=draft.category,
        tags=draft.tags,
        metadata=draft.metadata,
        visibility=draft.visibility,
        author=None,
        created_at=times[0],
        updated_at=times[-1],
        archived_at=None,
        forked_from=None,
        labels=tuple(PastLabel(name, number, times[number - 1], None) for name, (number, _) in labels.items()),
    )
    past = [
        PastVersion(number, one.snapshot.draft.version, time, None)
        for number, (one, time) in enumerate(zip(kept, times, strict=True), start=1)
    ]
    return History(kept[0].snapshot.place, prompt, tuple(past), notes, is_foreign=True)


def _in_order(times: Sequence[datetime]) -> list[datetime]:
    """No version is older than the one before it, whatever the clocks said."""
    found: list[datetime] = []
    for time in times:
        found.append(max(time, found[-1]) if found else time)
    return found


def _to_millisecond(time: datetime) -> datetime:
    time = time.astimezone(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)

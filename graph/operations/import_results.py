"""What became of an entry of a file."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What an import did with one entry. The value is the word in the summary."""

    CREATED = "created"
    NEW_VERSION = "new version"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One entry's fate; `notes` say why it was refused, or what was put differently."""

    place: str
    name: str | None
    fate: Fate
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Nothing is written. `brings_all`: some of what the entry includes comes with the same import."""

    brings_all: bool = False

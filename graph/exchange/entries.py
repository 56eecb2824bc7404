"""What a file holds, before the registry has looked at it."""

from dataclasses import dataclass
from datetime import datetime

from graph.domain.actors import ActorKind
from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.prompts import PromptDraft, VersionDraft, Visibility


class UnusableFileError(Exception):
    """The file as a whole cannot be read; nothing of it was imported. The message says where and why."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, as the file tells it: ids mean nothing outside their registry."""

    kind: ActorKind
    handle: str
    display_name: str


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version with its number, author and time."""

    number: int
    draft: VersionDraft
    created_at: datetime
    author: Person | None


@dataclass(frozen=True, slots=True)
class PastLabel:
    """Where a label points, and since when."""

    name: str
    version: int
    moved_at: datetime
    moved_by: Person | None


@dataclass(frozen=True, slots=True)
class ForkSource:
    """The version that a prompt was forked from, by its prompt's name."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class PastPrompt:
    """A prompt's own facts with their authors and times."""

    name: str
    title: str
    description: str | None
    category: str | None
    tags: tuple[str, ...]
    metadata: JSONObject
    visibility: Visibility
    author: Person | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    forked_from: ForkSource | None
    labels: tuple[PastLabel, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A prompt with one text, as CSV, simple JSON and Markdown have it.

    `follows` names the facts that the file also sets on a prompt that is there already; `notes` tell what was
    put differently on reading; `labels` are pointed at the version that the import writes, when it writes one.
    """

    place: str
    draft: PromptDraft
    follows: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The prompt's name."""
        return self.draft.name


@dataclass(frozen=True, slots=True)
class History:
    """A prompt with all its versions, oldest first; `notes` as those of a snapshot.

    One that `is_foreign` was another system's, so what is live of it is checked as a snapshot is. One of a registry's
    own comes back as it was.
    """

    place: str
    prompt: PastPrompt
    versions: tuple[PastVersion, ...]
    notes: tuple[str, ...] = ()
    is_foreign: bool = False

    @property
    def name(self) -> str:
        """The prompt's name."""
        return self.prompt.name


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of the file that is no prompt, and why."""

    place: str
    reason: str
    name: str | None = None


Entry = Snapshot | History | Refused


def refuse(place: str, error: InvalidInputError, name: str | None = None) -> Refused:
    """The error as a refusal, with the field at fault in front."""
    return Refused(place, reason_of(error.message, error.path), name)


def reason_of(message: str, path: tuple[str, ...] | None) -> str:
    """`versions.2.number: …`."""
    return f"{'.'.join(path)}: {message}" if path else message

"""One record for each change to a prompt, written with the change."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.domain.json_values import JSONObject
from graph.domain.prompts import Prompt, Visibility


class EventKind(StrEnum):
    """What happened."""

    CREATED = "created"
    UPDATED = "updated"
    VERSION_CREATED = "version_created"
    LABEL_SET = "label_set"
    LABEL_REMOVED = "label_removed"
    RATED = "rated"
    UNRATED = "unrated"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    DELETED = "deleted"
    REFERENCE_CHANGED = "reference_changed"


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides who may see a prompt and which filters match it: the part of it that each event keeps."""

    name: str
    tags: tuple[str, ...]
    labels: tuple[str, ...]
    visibility: Visibility


def sight_of(prompt: Prompt) -> Sight:
    """The prompt's name, tags, label names and visibility as they stand."""
    return Sight(prompt.name, prompt.tags, tuple(sorted(prompt.labels)), prompt.visibility)


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `revision` orders the events of one prompt; `before` is None for CREATED, `after` for DELETED.

    `seq` is its place among the events of all prompts, given to it after it was committed; None until then.

    `change` says what changed from what to what, in the words of the kind: `{"label", "from", "to"}`,
    `{"number"}`, `{"version", "score", "from"}`, `{"cause", "versions"}`, or field names with their old and new values.
    """

    id: str
    kind: EventKind
    prompt_id: str
    revision: int
    actor_id: str | None
    key_id: str | None
    at: datetime
    before: Sight | None
    after: Sight | None
    change: JSONObject = field(default_factory=dict)
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation decided about a prompt: how it shall stand, and the event that tells of it.

    The store adds the revision and writes both at once.
    """

    kind: EventKind
    prompt: Prompt
    detail: JSONObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who makes a change, with which key, and when; from which address and in which request, where that is known."""

    actor_id: str | None
    key_id: str | None
    at: datetime
    address: str | None = None
    request_id: str | None = None

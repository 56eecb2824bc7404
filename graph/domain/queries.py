"""What a list of prompts is narrowed and ordered by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PromptFilter:
    """Any value of a field will do (OR); the fields narrow together (AND). None leaves a field open.

    `includes` leaves prompts whose newest or a labelled version includes a prompt of such a name, `number` those that
    have a version of this number, and with `labels` those of which one of these points at it; `latest` those whose
    newest version it is. `updated_from` is inclusive, `updated_before` not.
    """

    tags: tuple[str, ...] | None = None
    author_ids: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    folders: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    include_archived: bool = False
    names: tuple[str, ...] | None = None
    includes: tuple[str, ...] | None = None
    number: int | None = None
    latest: int | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None


class PromptOrderField(StrEnum):
    """What prompts are ordered by; ties are broken by id."""

    NAME = "name"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


@dataclass(frozen=True, slots=True)
class PromptOrder:
    """A field and a direction."""

    field: PromptOrderField = PromptOrderField.UPDATED_AT
    descending: bool = True

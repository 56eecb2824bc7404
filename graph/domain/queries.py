"""What a list of prompts is narrowed and ordered by."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PromptFilter:
    """Any value of a field will do (OR); the fields narrow together (AND). None leaves a field open."""

    tags: tuple[str, ...] | None = None
    author_ids: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    folders: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    include_archived: bool = False


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

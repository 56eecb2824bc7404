"""Inputs that select and order: exactly one way to name a prompt or a version, the filter, the order."""

import strawberry

from graph.domain import queries
from graph.domain.errors import InvalidInputError
from graph.domain.json_values import text_fault
from graph.domain.names import Path
from graph.domain.prompts import (
    Prompt,
    PromptById,
    PromptByName,
    PromptSelector,
    VersionByLabel,
    VersionByNumber,
    VersionSelector,
    select_number,
)
from graph.domain.queries import PromptOrderField
from graph.schema.node import read_actor_id, read_prompt_id, read_version_id
from graph.schema.types.enums import OrderDirection


@strawberry.input(one_of=True)
class PromptBy:
    """Exactly one way to name a prompt."""

    id: strawberry.ID | None = strawberry.UNSET
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Exact and case-sensitive: `support/refund-reply`."
    )

    def selector(self, path: Path = ("by",)) -> PromptSelector:
        """In the words of the domain. Raises InvalidInputError for an ID of another thing, a name that is no text."""
        if isinstance(self.name, str):
            if fault := text_fault(self.name):
                raise InvalidInputError(f"The name {fault}.", (*path, "name"))
            return PromptByName(self.name)
        return PromptById(read_prompt_id(str(self.id), (*path, "id")))


@strawberry.input(one_of=True)
class PromptVersionBy:
    """Exactly one way to name a version of a prompt."""

    id: strawberry.ID | None = strawberry.UNSET
    number: int | None = strawberry.field(default=strawberry.UNSET, description="1-based.")
    label: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The version a label points at now; `latest` is always there and always the newest.",
    )

    def selector(self, prompt: str, path: Path = ("by",)) -> VersionSelector | None:
        """In the words of the domain, for the prompt of this (own, not global) id.

        None when the id is that of another prompt's version. Raises InvalidInputError for an id of anything else.
        """
        if isinstance(self.number, int):
            return VersionByNumber(self.number)
        if isinstance(self.label, str):
            return VersionByLabel(self.label)
        ref = read_version_id(str(self.id), (*path, "id"))
        return VersionByNumber(ref.number) if ref.prompt_id == prompt else None


def number_of(prompt: Prompt, by: PromptVersionBy, path: Path) -> int | None:
    """The number that the selector means; None when no version answers to it. Raises InvalidInputError."""
    selector = by.selector(prompt.id, path)
    return select_number(prompt, selector) if selector else None


@strawberry.input
class PromptFilter:
    """Any value of a field will do (OR); different fields narrow together (AND)."""

    tags: list[str] | None = None
    author_ids: list[strawberry.ID] | None = None
    categories: list[str] | None = None
    folders: list[str] | None = strawberry.field(default=None, description="A folder and all below it.")
    labels: list[str] | None = None
    include_archived: bool = False

    def to_domain(self) -> queries.PromptFilter:
        """In the words of the domain. Raises InvalidInputError for an id that is no actor's."""
        return queries.PromptFilter(
            tags=_tuple(self.tags),
            author_ids=author_ids_of(self.author_ids),
            categories=_tuple(self.categories),
            folders=_tuple(self.folders),
            labels=_tuple(self.labels),
            include_archived=self.include_archived,
        )


@strawberry.input
class PromptOrder:
    """What prompts are ordered by, and which way."""

    field: PromptOrderField
    direction: OrderDirection

    def to_domain(self) -> queries.PromptOrder:
        """In the words of the domain."""
        return queries.PromptOrder(self.field, descending=self.direction is OrderDirection.DESC)


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def author_ids_of(ids: list[strawberry.ID] | None) -> tuple[str, ...] | None:
    """The actors' own ids. Raises InvalidInputError for an id that is no actor's."""
    if ids is None:
        return None
    return tuple(read_actor_id(value, ("filter", "authorIds", str(index))) for index, value in enumerate(ids))

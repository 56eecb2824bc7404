"""The enums. Their members are the domain's; the words about them are here."""

from enum import Enum, StrEnum
from typing import TypeVar

import strawberry
from strawberry.types.base import StrawberryType
from strawberry.types.enum import StrawberryEnumDefinition

from graph.domain.prompts import Visibility
from graph.domain.queries import PromptOrderField
from graph.domain.runs import Outcome, UsageStep

E = TypeVar("E", bound=type[Enum])


@strawberry.enum(description="Which end of an order comes first.")
class OrderDirection(StrEnum):
    """Up or down."""

    ASC = "asc"
    DESC = "desc"


def publish(members: E, description: str, name: str | None = None, **descriptions: str) -> E:
    """Makes a domain's enum one of the schema, with a description of it and of the members that need one."""
    published = strawberry.enum(members, name=name, description=description)
    definition: StrawberryType = published.__strawberry_definition__  # type: ignore[attr-defined]  # Strawberry's mark
    assert isinstance(definition, StrawberryEnumDefinition)
    for value in definition.values:
        value.description = descriptions.get(value.name)
    return published


publish(
    Visibility,
    "Who may read a prompt.",
    PUBLIC="Readable without a key where the server allows anonymous readers.",
    PRIVATE="Readable by keys that may read its folder.",
)
publish(UsageStep, "How long a time one bucket of usage covers. Days are UTC's.")
publish(
    Outcome,
    "How a run of a prompt on a model ended.",
    name="RunOutcome",
    CANCELLED="The caller left.",
    REFUSED="The provider refused the call as it was.",
    RATE_LIMITED="The provider was asked too much.",
    FAILED="The provider failed, could not be reached, or broke off.",
)
publish(PromptOrderField, "What prompts are ordered by; ties are broken by ID.")

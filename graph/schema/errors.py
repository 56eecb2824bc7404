"""What a mutation tells in its payload: one type for each error that the caller can put right.

The names are those of the domain's errors, and the name is the code. `mutations/outcome.py` picks the type that a
mutation's union has for a domain error; `of` writes it. Any other error is raised on, and the wire gives it a code.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from graph.domain import errors as domain
from graph.domain import outages
from graph.domain.templates import VariableType
from graph.schema.types.prompt import Label, Prompt, PromptVersion
from graph.schema.types.template import Variable


@strawberry.interface
class UserError:
    """Something the caller can put right. The type name is the code."""

    message: str = strawberry.field(description="For people; may be reworded at any time.")
    path: list[str] | None = strawberry.field(
        description='The input field at fault, such as `["input", "name"]`; null when no one field is.'
    )


def input_path(path: Sequence[str] | None) -> list[str] | None:
    """From the operation's own input to the mutation's argument."""
    return None if path is None else ["input", *path]


@strawberry.type
class InvalidInputError(UserError):
    """A value breaks a rule of its field; the message tells the rule."""

    @classmethod
    def of(cls, error: domain.UserError) -> Self:
        """Of the domain's error."""
        return cls(message=error.message, path=input_path(error.path))


@strawberry.type
class NotFoundError(UserError):
    """It does not exist, or the caller may not see it: the two are never told apart."""

    @classmethod
    def of(cls, error: domain.UserError) -> Self:
        """Of the domain's error."""
        return cls(message=error.message, path=input_path(error.path))


@strawberry.type
class NameTakenError(UserError):
    """Another prompt has this name."""

    name: str

    @classmethod
    def of(cls, error: domain.NameTakenError) -> Self:
        """Of the domain's error."""
        return cls(message=error.message, path=input_path(error.path), name=error.name)


@strawberry.type
class PromptArchivedError(UserError):
    """An archived prompt is read and rendered, not changed."""

    archived_at: datetime

    @classmethod
    def of(cls, error: domain.PromptArchivedError) -> Self:
        """Of the domain's error."""
        return cls(message=error.message, path=input_path(error.path), archived_at=error.archived_at)


@strawberry.type
class InvalidVariableError(UserError):
    """A value does not fit its variable's type."""

    variable: str = strawberry.field(description="The variable's name.")
    expected: VariableType | None = strawberry.field(
        description="What the variable takes; null when the value is at fault for another reason."
    )

    @classmethod
    def of(cls, error: domain.InvalidVariableError) -> Self:
        """Of the domain's error."""
        path = input_path(error.path)
        return cls(message=error.message, path=path, variable=error.variable, expected=error.expected)


@strawberry.type
class RevisionConflictError(UserError):
    """Someone changed the prompt first."""

    prompt: Prompt = strawberry.field(description="As it stands now.")

    @classmethod
    def of(cls, error: domain.RevisionConflictError) -> Self:
        """Of the domain's error."""
        return cls(message=error.message, path=input_path(error.path), prompt=Prompt.of(error.prompt))


@strawberry.type
class VersionConflictError(UserError):
    """Someone appended a version first."""

    latest_version: PromptVersion = strawberry.field(description="What to merge with before trying again.")

    @classmethod
    def of(cls, error: domain.VersionConflictError) -> Self:
        """Of the domain's error."""
        latest = PromptVersion.of(error.latest, error.prompt)
        return cls(message=error.message, path=input_path(error.path), latest_version=latest)


@strawberry.type
class MissingVariablesError(UserError):
    """Required variables were given no value."""

    variables: list[Variable] = strawberry.field(description="In the order of their first use.")

    @classmethod
    def of(cls, error: domain.MissingVariablesError) -> Self:
        """Of the domain's error."""
        variables = [Variable.of(variable) for variable in error.variables]
        return cls(message=error.message, path=input_path(error.path), variables=variables)


@strawberry.type
class LabelConflictError(UserError):
    """Someone moved the label first."""

    label: Label | None = strawberry.field(description="Where it points now; null when the label is gone.")

    @classmethod
    def of(cls, error: domain.LabelConflictError) -> Self:
        """Of the domain's error."""
        label = Label.of(error.prompt, error.label) if error.label else None
        return cls(message=error.message, path=input_path(error.path), label=label)


@strawberry.type
class LabelProtectedError(UserError):
    """Only holders of the scope `labels:protected` may move this label."""

    label: Label | None = strawberry.field(description="Where it points; null when the label would be new.")

    @classmethod
    def of(cls, error: domain.LabelProtectedError) -> Self:
        """Of the domain's error."""
        label = Label.of(error.prompt, error.label) if error.label else None
        return cls(message=error.message, path=input_path(error.path), label=label)


@strawberry.type
class UpstreamError(UserError):
    """The provider of the model refused, failed or did not answer in time."""

    status: int = strawberry.field(description="As HTTP has it: 429 for a limit, 504 for a silence.")
    retry_after: str | None = strawberry.field(description="The provider's own: seconds, or a date.")

    @classmethod
    def of(cls, error: outages.UpstreamError) -> Self:
        """Of the domain's error."""
        return cls(
            message=error.message, path=input_path(error.path), status=error.status, retry_after=error.retry_after
        )

"""Who may use a root field: declared on the field, shown in the SDL, applied by the operation behind it.

Every field of `Query`, `Mutation` and `Subscription` is declared by `query`, `mutation` or `subscription`, and by
nothing else:

    @mutation(Scope.PROMPTS_WRITE)
    async def prompt_create(info: Info, input: PromptCreateInput) -> PromptCreatePayload | None:
        \"\"\"Makes a prompt with its first version.\"\"\"

    @query(Scope.AUDIT_READ)
    async def audit_log(self, info: Info) -> ...

    @query(Rule.SIGHT)
    async def prompt(self, info: Info, by: PromptBy) -> Prompt | None:

The docstring is the field's description. A scope is said in the SDL as `@requiresScope(scope: "prompts:write")`.
`rule_of` reads the declaration back from the schema: `tests/schema/test_permissions.py` fails where a root field
declares nothing, and `tests/schema/matrix` asks each as every kind of caller and fails where one does otherwise than it
declares. Nothing is checked here: the operation requires the scope, for this face as for every other.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLField
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location

from graph.domain.actors import Scope
from graph.schema.fields import described

DEFINITION = "strawberry-definition"
RULE = "promptgraph rule"


class Rule(Enum):
    """Who may use a root field that needs no scope."""

    EVERYONE = "everyone may ask, and what is told is no secret or the caller's own"
    SIGHT = "everyone may ask, and is told only of what they may see; the rest is as if it did not exist"


@strawberry.schema_directive(
    name="requiresScope",
    locations=[Location.FIELD_DEFINITION],
    description="The scope that a caller's key must hold. Without it, the field is null and its error is FORBIDDEN.",
)
class RequiresScope:
    """The directive. `scope` is written as in `graph.domain.actors.Scope`."""

    scope: str


def query(rule: Scope | Rule, *extensions: FieldExtension) -> Callable[[Callable[..., Any]], Any]:
    """Declares a field of the query root and who may use it."""
    return lambda resolver: strawberry.field(resolver, extensions=list(extensions), **_declaration(resolver, rule))


def mutation(scope: Scope) -> Callable[[Callable[..., Any]], Any]:
    """Declares a mutation and the scope that it needs."""
    return lambda resolver: strawberry.mutation(resolver, **_declaration(resolver, scope))


def subscription(rule: Scope | Rule) -> Callable[[Callable[..., Any]], Any]:
    """Declares a subscription and who may use it."""
    return lambda resolver: strawberry.subscription(resolver, **_declaration(resolver, rule))


def _declaration(resolver: Callable[..., Any], rule: Scope | Rule) -> dict[str, Any]:
    directives = [RequiresScope(scope=rule.value)] if isinstance(rule, Scope) else []
    return {"description": described(resolver), "directives": directives, "metadata": {RULE: rule}}


def rule_of(field: GraphQLField) -> Scope | Rule | None:
    """What a root field of the built schema declares; None when it declares nothing."""
    definition = field.extensions.get(DEFINITION)
    return definition.metadata.get(RULE) if definition else None


def scope_of(field: GraphQLField) -> Scope | None:
    """The scope that a root field declares; None when it needs none."""
    rule = rule_of(field)
    return rule if isinstance(rule, Scope) else None

"""The scope that a mutation needs: declared on its field, shown in the SDL, applied by the operation.

A mutation is declared by `mutation`, and by nothing else:

    @mutation(Scope.PROMPTS_WRITE)
    async def prompt_create(info: Info, input: PromptCreateInput) -> PromptCreatePayload | None:
        \"\"\"Makes a prompt with its first version.\"\"\"

The docstring is the field's description. The SDL says `@requiresScope(scope: "prompts:write")`; `scope_of` reads
it back from the schema, so that a test can walk all mutations and fail when one declares none. Nothing is checked
here: the operation behind the resolver requires the scope, for this face as for every other.
"""

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLField
from strawberry.schema_directive import Location

from graph.domain.actors import Scope
from graph.schema.fields import described

DEFINITION = "strawberry-definition"


@strawberry.schema_directive(
    name="requiresScope",
    locations=[Location.FIELD_DEFINITION],
    description="The scope that a caller's key must hold. Without it, the field is null and its error is FORBIDDEN.",
)
class RequiresScope:
    """The directive. `scope` is written as in `graph.domain.actors.Scope`."""

    scope: str


def mutation(scope: Scope) -> Callable[[Callable[..., Any]], Any]:
    """Declares a mutation and the scope that it needs."""

    def declare(resolver: Callable[..., Any]) -> Any:
        directive = RequiresScope(scope=scope.value)
        return strawberry.mutation(resolver, description=described(resolver), directives=[directive])

    return declare


def scope_of(field: GraphQLField) -> Scope | None:
    """The scope that a field of the built schema declares; None when it declares none."""
    for directive in field.extensions[DEFINITION].directives:
        if isinstance(directive, RequiresScope):
            return Scope(directive.scope)
    return None

"""Docstrings as descriptions: what is said of a type in the code is said of it in the schema."""

import inspect

from graphql import GraphQLNamedType, GraphQLSchema, GraphQLUnionType
from strawberry.types.base import StrawberryObjectDefinition

from graph.schema.permissions import DEFINITION

ERROR = "Error"


def describe_types(schema: GraphQLSchema) -> None:
    """Gives each type that has no description the docstring of its class, and each union of errors its own."""
    for named in schema.type_map.values():
        if named.description is None and (text := _docstring(named)):
            named.description = text


def _docstring(named: GraphQLNamedType) -> str | None:
    if isinstance(named, GraphQLUnionType) and named.name.endswith(ERROR):
        deed = named.name[0].lower() + named.name[1:].removesuffix(ERROR)
        return f"What can be wrong with {'an' if deed[0] in 'aeio' else 'a'} `{deed}` that the caller can put right."
    definition = named.extensions.get(DEFINITION)
    return inspect.getdoc(definition.origin) if isinstance(definition, StrawberryObjectDefinition) else None

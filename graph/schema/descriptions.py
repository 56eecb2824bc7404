"""Docstrings as descriptions: what is said of a type in the code is said of it in the schema."""

import inspect

from graphql import GraphQLNamedType, GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition

from graph.schema.permissions import DEFINITION


def describe_types(schema: GraphQLSchema) -> None:
    """Gives each type that has no description the docstring of its class."""
    for named in schema.type_map.values():
        if named.description is None and (text := _docstring(named)):
            named.description = text


def _docstring(named: GraphQLNamedType) -> str | None:
    definition = named.extensions.get(DEFINITION)
    return inspect.getdoc(definition.origin) if isinstance(definition, StrawberryObjectDefinition) else None

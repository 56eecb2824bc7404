"""Defaults as the schema shall show them: no `= null`, and objects that introspection can print."""

from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    parse_const_value,
)
from graphql.pyutils import inspect


def settle_defaults(schema: GraphQLSchema) -> None:
    """Changes the defaults of all arguments and input fields in place.

    What may be left out has None as its Python default, and Strawberry would publish `= null`, which says nothing.
    The default of a custom scalar, such as `= {}`, is given as a literal: graphql-core cannot print any other.
    """
    for value in _input_values(schema):
        if value.default_value is None:
            value.default_value = Undefined
        elif isinstance(value.default_value, dict) and isinstance(get_named_type(value.type), GraphQLScalarType):
            value.default = GraphQLDefaultInput(literal=parse_const_value(inspect(value.default_value)))
            value.default_value = Undefined


def _input_values(schema: GraphQLSchema) -> Iterator[GraphQLArgument | GraphQLInputField]:
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            yield from named.fields.values()
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for field in named.fields.values():
                yield from field.args.values()

"""The schema, built once at start, and its text."""

from dataclasses import replace

import strawberry
from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    parse,
    print_ast,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from graph.schema.defaults import settle_defaults
from graph.schema.descriptions import describe_types
from graph.schema.executor import LeafExecutor, mark_leaves
from graph.schema.mutation import Mutation
from graph.schema.permissions import DEFINITION, scope_of
from graph.schema.query import Query
from graph.schema.scalars import SCALARS
from graph.schema.shortcuts import shorten
from graph.schema.subscription import Subscription
from graph.schema.types.actor import ServiceAccount, User
from graph.schema.types.event import EVENT_TYPES

DESCRIPTION = "A prompt registry: versioned, discoverable, rateable, renderable prompts."


def build_schema() -> strawberry.Schema:
    """The schema, ready to be executed; `._schema` is graphql-core's."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[User, ServiceAccount, *EVENT_TYPES],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=LeafExecutor,
    )
    core = schema._schema
    core.description = DESCRIPTION
    settle_defaults(core)
    describe_types(core)
    _mark_one_of(core)
    shorten(core)
    mark_leaves(core)
    return schema


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Strawberry checks `@oneOf` by a rule of its own; graphql-core knows it and says more when it is broken."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInputObjectType) and (definition := named.extensions.get(DEFINITION)):
            named.is_one_of = definition.is_one_of


def print_sdl(schema: strawberry.Schema) -> str:
    """The schema as SDL, with the scope that a root field needs; it ends with a line break."""
    document = _show_scopes(parse(print_schema(schema._schema)), schema._schema)
    return print_ast(document).replace("= {  }", "= {}") + "\n"


def _show_scopes(document: DocumentNode, schema: GraphQLSchema) -> DocumentNode:
    """graphql-core prints no directives that are applied: they are put in here."""
    roots = {root.name: root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root}
    return DocumentNode(
        definitions=tuple(
            _with_scopes(one, roots[one.name.value])
            if isinstance(one, ObjectTypeDefinitionNode) and one.name.value in roots
            else one
            for one in document.definitions
        )
    )


def _with_scopes(node: ObjectTypeDefinitionNode, root: GraphQLObjectType) -> ObjectTypeDefinitionNode:
    fields = tuple(_with_scope(field, root.fields[field.name.value]) for field in node.fields or ())
    return replace(node, fields=fields)


def _with_scope(node: FieldDefinitionNode, field: GraphQLField) -> FieldDefinitionNode:
    scope = scope_of(field)
    return node if scope is None else replace(node, directives=(_requires_scope(scope.value),))


def _requires_scope(scope: str) -> ConstDirectiveNode:
    argument = ConstArgumentNode(name=NameNode(value="scope"), value=StringValueNode(value=scope))
    return ConstDirectiveNode(name=NameNode(value="requiresScope"), arguments=(argument,))

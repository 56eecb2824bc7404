"""Every mutation says which scope it needs, and means it."""

import strawberry
from graphql import GraphQLObjectType

from graph.domain.actors import Scope
from graph.schema.build import print_sdl
from graph.schema.permissions import scope_of


def _mutations(schema: strawberry.Schema) -> GraphQLObjectType:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    return mutations


def test_every_mutation_declares_the_scope_that_it_needs(schema: strawberry.Schema) -> None:
    scopes = {name: scope_of(field) for name, field in _mutations(schema).fields.items()}
    assert len(scopes) == 12
    assert [name for name, scope in scopes.items() if scope is None] == []


def test_a_field_without_a_declaration_is_found_out(schema: strawberry.Schema) -> None:
    query = schema._schema.query_type
    assert query is not None
    assert scope_of(query.fields["viewer"]) is None


def test_the_scope_is_shown_in_the_text_of_the_schema(schema: strawberry.Schema) -> None:
    sdl = print_sdl(schema)
    assert "directive @requiresScope(scope: String!) on FIELD_DEFINITION" in sdl
    for name, field in _mutations(schema).fields.items():
        scope = scope_of(field)
        assert scope is not None
        assert f"  {name}(" in sdl
        assert f'{field.type} @requiresScope(scope: "{scope.value}")' in sdl


def test_rendering_needs_the_scope_to_render(schema: strawberry.Schema) -> None:
    assert scope_of(_mutations(schema).fields["promptRender"]) is Scope.RENDER

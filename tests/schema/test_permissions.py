"""Every root field says who may use it."""

from collections.abc import Iterator

import strawberry
from graphql import GraphQLField, GraphQLObjectType

from graph.domain.actors import Scope
from graph.schema.build import print_sdl
from graph.schema.permissions import Rule, rule_of, scope_of

HOW = """\
These root fields do not say who may use them: {}.
Declare each by `query`, `mutation` or `subscription` of graph/schema/permissions.py, with the scope that its operation
requires or with a Rule, instead of by Strawberry's own or by `resolved`."""


def roots(schema: strawberry.Schema) -> Iterator[GraphQLObjectType]:
    core = schema._schema
    yield from (root for root in (core.query_type, core.mutation_type, core.subscription_type) if root)


def root_fields(schema: strawberry.Schema) -> Iterator[tuple[str, GraphQLField]]:
    for root in roots(schema):
        yield from ((f"{root.name}.{name}", field) for name, field in root.fields.items())


def undeclared(schema: strawberry.Schema) -> list[str]:
    return [path for path, field in root_fields(schema) if rule_of(field) is None]


def test_every_root_field_declares_who_may_use_it(schema: strawberry.Schema) -> None:
    silent = undeclared(schema)
    assert not silent, HOW.format(", ".join(silent))


def test_every_mutation_declares_a_scope(schema: strawberry.Schema) -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    assert [name for name, field in mutations.fields.items() if scope_of(field) is None] == []


def test_a_field_without_a_declaration_is_found_out() -> None:
    @strawberry.type
    class Query:
        open: int = 1

    assert undeclared(strawberry.Schema(query=Query)) == ["Query.open"]


def test_the_scope_is_shown_in_the_text_of_the_schema(schema: strawberry.Schema) -> None:
    sdl = print_sdl(schema)
    assert "directive @requiresScope(scope: String!) on FIELD_DEFINITION" in sdl
    for path, field in root_fields(schema):
        scope = scope_of(field)
        assert f"  {path.partition('.')[2]}" in sdl
        assert scope is None or f'{field.type} @requiresScope(scope: "{scope.value}")' in sdl


def test_reading_is_by_sight_and_rendering_by_scope(schema: strawberry.Schema) -> None:
    rules = {path: rule_of(field) for path, field in root_fields(schema)}
    assert rules["Query.promptSearch"] is Rule.SIGHT
    assert rules["Mutation.promptRender"] is Scope.RENDER

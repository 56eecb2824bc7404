"""The schema as a whole: its text, its descriptions, its defaults."""

from collections.abc import Iterator
from pathlib import Path

import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    validate_schema,
)

from graph.schema.build import print_sdl
from graph.schema.compatibility import breaking_changes

COMMITTED = Path(__file__).parents[2] / "schema.graphql"

# What a field of such a name holds is told by the name and its type; all others are described.
TELLING = {
    *("actor", "after", "anonymous", "before", "category", "changeNote", "chat", "comment", "content", "count"),
    *("createdAt", "defaultValue", "description", "displayName", "errors", "extra", "first", "hasNextPage", "label"),
    *("hasPreviousPage", "id", "isRequired", "labels", "last", "latestVersion", "maxOutputTokens", "message"),
    *("metadata", "model", "modelSettings", "movedAt", "name", "node", "nodes", "parts", "path", "prompt", "rating"),
    *("ratingSummary", "remaining", "resetAt", "responseSchema", "role", "score", "tags", "temperature", "template"),
    *("text", "title", "to", "tools", "topP", "type", "updatedAt", "version", "visibility", "from", "content"),
    *("addedVariables", "removedVariables", "archivedAt", "variables", "promptId", "authorIds", "categories"),
    *("includeArchived", "searchToken", "deletedPromptId", "field", "direction", "messages", "rendering", "versionId"),
}


def test_the_committed_schema_is_the_one_that_is_built(schema: strawberry.Schema) -> None:
    assert COMMITTED.read_text() == print_sdl(schema), "run `promptgraph schema > schema.graphql`"


def test_the_text_of_the_schema_is_a_valid_schema(schema: strawberry.Schema) -> None:
    assert validate_schema(build_schema(print_sdl(schema))) == []


def test_every_type_has_a_description(schema: strawberry.Schema) -> None:
    named = [one for one in schema._schema.type_map.values() if not is_introspection_type(one)]
    assert [one.name for one in named if not one.description and not is_specified_scalar_type(one)] == []


def test_every_field_whose_name_does_not_say_it_all_has_a_description(schema: strawberry.Schema) -> None:
    silent = {f"{owner}.{name}" for owner, name, description in _fields(schema) if not description}
    assert sorted(path for path in silent if path.split(".")[1] not in TELLING) == []


def test_no_default_is_null_and_an_empty_object_is_shown(schema: strawberry.Schema) -> None:
    sdl = print_sdl(schema)
    assert "= null" not in sdl
    assert "preview(variables: VariableValues! = {}): Rendering!" in sdl
    assert "orderBy: PromptOrder = { field: UPDATED_AT, direction: DESC }" in sdl


def test_introspection_works_and_shows_the_default_of_an_object(schema: strawberry.Schema) -> None:
    types = {one["name"]: one for one in schema.introspect()["__schema"]["types"]}
    preview = next(field for field in types["PromptVersion"]["fields"] if field["name"] == "preview")
    assert preview["args"][0]["defaultValue"].replace(" ", "") == "{}"


def test_a_field_that_is_taken_away_breaks_clients_and_a_new_one_does_not() -> None:
    old, new = "type Query { a: Int }", "type Query { a: Int b: Int }"
    assert breaking_changes(old, new) == []
    assert breaking_changes(new, old) == ["FIELD_REMOVED: Field Query.b was removed."]


def _fields(schema: strawberry.Schema) -> Iterator[tuple[str, str, str | None]]:
    for named in schema._schema.type_map.values():
        fields = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
        if isinstance(named, fields) and not is_introspection_type(named):
            yield from ((named.name, name, field.description) for name, field in named.fields.items())

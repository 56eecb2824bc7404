"""The built schema against the sketch that it was designed by, where that lies beside the project."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_specified_scalar_type,
    print_ast,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast

from graph.schema.build import build_schema as build
from graph.schema.build import print_sdl

SKETCH = Path(__file__).parents[3] / "shared" / "schema-sketch.graphql"

LATER_FIELDS: set[str] = set()
BEYOND_THE_SKETCH = {"Facet.isTruncated", "Variable.allowsSystemMessages", "VariableInput.allowsSystemMessages"}
# Root fields that the sketch does not draw; what they alone are made of is free.
BEYOND_THE_SKETCH |= {"Query.apiKeys", "Mutation.apiKeyCreate", "Mutation.apiKeyRotate", "Mutation.apiKeyRevoke"}
BEYOND_THE_SKETCH |= {"Query.protectedLabels", "Mutation.labelProtect", "Mutation.labelUnprotect"}
BEYOND_THE_SKETCH |= {"Query.webhooks"} | {
    f"Mutation.webhook{deed}" for deed in ("Create", "Update", "Test", "Replay", "Delete")
}
BEYOND_THE_SKETCH |= {"Query.auditLog"}
BEYOND_THE_SKETCH |= {
    "PromptVersion.findings",
    "Rendering.redactions",
    "FacetField.FINDING",
    "PromptSearchFilter.findings",
}
BEYOND_THE_SKETCH |= {"PromptVersion.usage", "PromptVersion.feedbackSummary", "PromptRenderPayload.renderId"}
BEYOND_THE_SKETCH |= {"PromptEventKind.REFERENCE_CHANGED", "AuditKind.REFERENCE_CHANGED"}
BEYOND_THE_SKETCH |= {"PromptVersion.snippets"}
BEYOND_THE_SKETCH |= {"Prompt.referencedBy", "PromptVersion.references", "Rendering.brokenReferences"}
BEYOND_THE_SKETCH |= {"Mutation.promptRun", "Mutation.promptFeedback"}
# Where the sketch was wrong: a protected label that is new cannot be shown, and none goes with its prompt.
DRAWN_OTHERWISE = {"LabelProtectedError.label", "PromptDeleteError"}
UNLIKE = LATER_FIELDS | BEYOND_THE_SKETCH | DRAWN_OTHERWISE


@pytest.fixture(scope="module")
def sketch() -> GraphQLSchema:
    if not SKETCH.exists():
        pytest.skip("the sketch is not beside the project")
    return build_schema(SKETCH.read_text())


@pytest.fixture(scope="module")
def built() -> GraphQLSchema:
    return build_schema(print_sdl(build()))


def test_every_field_of_the_sketch_is_there_as_it_was_drawn(sketch: GraphQLSchema, built: GraphQLSchema) -> None:
    drawn = {line for line in signatures(sketch, reachable_now(sketch)) if subject(line) not in UNLIKE}
    both = set(sketch.type_map) & set(built.type_map)
    made = {line for line in signatures(built, both) if subject(line) not in UNLIKE}
    assert sorted(drawn - made) == []
    assert sorted(made - drawn) == []


def test_every_description_of_the_sketch_is_kept(sketch: GraphQLSchema, built: GraphQLSchema) -> None:
    lost = []
    for name in reachable_now(sketch) & set(built.type_map):
        drawn, made = sketch.type_map[name], built.type_map[name]
        if drawn.description and not made.description:
            lost.append(name)
        for field, value in getattr(drawn, "fields", {}).items():
            made_field = getattr(made, "fields", {}).get(field)
            if value.description and made_field and not made_field.description:
                lost.append(f"{name}.{field}")
    assert lost == []


def subject(line: str) -> str:
    """The `Type.field` that a signature is of."""
    return line.split("(")[0].split(":")[0]


def signatures(schema: GraphQLSchema, names: set[str]) -> Iterator[str]:
    """Each type, field, value and member as one line of text."""
    for name in names:
        named = schema.type_map[name]
        if name.startswith("__") or is_specified_scalar_type(named):
            continue
        yield f"{name}: {type(named).__name__}"
        yield from _members(named)


def _members(named: GraphQLNamedType) -> Iterator[str]:
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        for field_name, field in named.fields.items():
            arguments = sorted(_input(name, argument) for name, argument in field.args.items())
            yield f"{named.name}.{field_name}({', '.join(arguments)}): {field.type}"
        yield from (f"{named.name}: implements {interface.name}" for interface in named.interfaces)
    elif isinstance(named, GraphQLInputObjectType):
        yield f"{named.name}: oneOf {named.is_one_of}"
        yield from (f"{named.name}.{_input(name, field)}" for name, field in named.fields.items())
    elif isinstance(named, GraphQLEnumType):
        yield from (f"{named.name}.{value}" for value in named.values)
    elif isinstance(named, GraphQLUnionType):
        yield from (f"{named.name}: may be {member.name}" for member in named.types)


def _input(name: str, value: GraphQLArgument | GraphQLInputField) -> str:
    default = get_default_value_ast(value)
    return f"{name}: {value.type}" + (f" = {print_ast(default)}" if default else "")


def reachable_now(sketch: GraphQLSchema) -> set[str]:
    """The sketch's types that hang on something that is built by now."""
    seen: set[str] = set()
    pending = ["Query", "Mutation", "Subscription"]
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        pending += _neighbours(sketch, sketch.type_map[name])
    return seen


def _neighbours(schema: GraphQLSchema, named: GraphQLNamedType) -> Iterator[str]:
    if isinstance(named, GraphQLUnionType):
        yield from (member.name for member in named.types)
    if isinstance(named, GraphQLInterfaceType):
        yield from (member.name for member in schema.get_possible_types(named))
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        yield from (interface.name for interface in named.interfaces)
        for field_name, field in named.fields.items():
            if f"{named.name}.{field_name}" not in LATER_FIELDS:
                yield _named(str(field.type))
                yield from (_named(str(argument.type)) for argument in field.args.values())
    if isinstance(named, GraphQLInputObjectType):
        yield from (_named(str(field.type)) for field in named.fields.values())


def _named(type_text: str) -> str:
    return type_text.strip("[]!")

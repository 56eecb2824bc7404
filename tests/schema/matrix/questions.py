"""A document for each root field: its required arguments about one subject, and all that it can answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from graph.schema.node import PARTS, encode_id

DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: ids by the kind of object that an argument names, and text by the argument's name."""

    ids: dict[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    member: int = 0

    def id(self, coordinate: str) -> str:
        """`PromptForkInput.versionId` and `PromptVersionBy.id` are a version's.

        One of a kind that the subject has none of is an id of nobody; an argument that names no kind is a prompt's.
        """
        owner, _, name = coordinate.rpartition(".")
        kind = owner.removesuffix("By") if name == "id" else name.removesuffix("Id")
        plain, capital = kind[:1].lower() + kind[1:], kind[:1].upper() + kind[1:]
        if plain not in self.ids and capital in PARTS:
            return encode_id(capital, *["nobody"] * PARTS[capital])
        return self.ids.get(plain) or self.ids["prompt"]


@dataclass(frozen=True, slots=True)
class Question:
    """A root field and the document that asks it; `name` tells the cases of one field apart."""

    operation: str
    field: str
    name: str
    document: str


def questions(schema: GraphQLSchema, subject: Subject, deep: bool) -> Iterator[Question]:
    """One for each root field, and one for each way to choose where an argument leaves the choice."""
    roots = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    for operation, root in roots.items():
        for name, one in root.fields.items() if root else ():
            for member in range(_choices(one)):
                about = replace(subject, member=member)
                arguments = _arguments(one, f"{root.name}.{name}" if root else "", about)
                selection = everything(schema, one.type, about, DEEPEST if deep else 0)
                document = f"{operation} {{ {name}{arguments} {selection} }}"
                yield Question(operation, name, f"{name}-{member}" if member else name, document)


def everything(schema: GraphQLSchema, kind: Any, about: Subject, depth: int, path: frozenset[str] = frozenset()) -> str:
    """A selection of all fields, down to `depth` objects in objects and never the same type inside itself."""
    named = get_named_type(kind)
    if not is_composite_type(named):
        return ""
    if depth == 0:
        return "{ __typename }"
    if isinstance(named, GraphQLUnionType | GraphQLInterfaceType):
        fragments = [
            f"... on {one.name} {_fields(schema, one, about, depth, path, one.name + '_')}"
            for one in schema.get_possible_types(named)
            if one.name not in path
        ]
        return f"{{ __typename {' '.join(fragments)} }}"
    assert isinstance(named, GraphQLObjectType)
    return _fields(schema, named, about, depth, path, "")


def _fields(
    schema: GraphQLSchema, owner: GraphQLObjectType, about: Subject, depth: int, path: frozenset[str], prefix: str
) -> str:
    path |= {owner.name}
    chosen = ["__typename"]
    for name, one in owner.fields.items():
        if get_named_type(one.type).name in path:
            continue
        below = everything(schema, one.type, about, depth - 1, path)
        alias = f"{prefix}{name}: " if prefix else ""
        chosen.append(f"{alias}{name}{_arguments(one, f'{owner.name}.{name}', about)} {below}")
    return f"{{ {' '.join(chosen)} }}"


def _arguments(one: GraphQLField, coordinate: str, about: Subject) -> str:
    required = {name: argument for name, argument in one.args.items() if is_required_argument(argument)}
    given = [f"{name}: {literal(argument.type, f'{coordinate}.{name}', about)}" for name, argument in required.items()]
    return f"({', '.join(given)})" if given else ""


def literal(kind: Any, coordinate: str, about: Subject) -> str:
    """A value for an argument or an input field, written as in a document."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        return _list(kind, coordinate, about)
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        fields = list(kind.fields.items())
        required = [pair for pair in fields if is_required_input_field(pair[1])]
        chosen = [fields[about.member % len(fields)]] if kind.is_one_of else required
        written = (f"{name}: {literal(it.type, f'{kind.name}.{name}', about)}" for name, it in chosen)
        return f"{{ {', '.join(written)} }}"
    if kind.name == "ID":
        return json.dumps(about.id(coordinate))
    name = coordinate.rpartition(".")[2]
    return {"Int": "1", "Boolean": "true", "Float": "1.5", "JSONObject": "{}", "VariableValues": "{}"}.get(
        kind.name, json.dumps(about.texts.get(name, "text"))
    )


def _list(kind: Any, coordinate: str, about: Subject) -> str:
    inner = get_named_type(kind)
    if isinstance(inner, GraphQLEnumType):
        return f"[{', '.join(inner.values)}]"
    if inner.name == "ID":
        return json.dumps(list(about.ids.values()))
    return "[]"


def _choices(one: GraphQLField) -> int:
    """As many as the widest choice of a required argument has members."""
    kinds = [get_named_type(argument.type) for argument in one.args.values() if is_required_argument(argument)]
    inputs = [kind for kind in kinds if isinstance(kind, GraphQLInputObjectType)]
    below = [get_named_type(it.type) for kind in inputs for it in kind.fields.values() if is_required_input_field(it)]
    choices = [kind for kind in (*inputs, *below) if isinstance(kind, GraphQLInputObjectType) and kind.is_one_of]
    return max((len(kind.fields) for kind in choices), default=1)

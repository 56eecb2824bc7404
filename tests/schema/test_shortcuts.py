"""The short ways answer as the long ones would, in good cases and bad."""

from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.config import StrawberryConfig

from graph.domain.templates import VariableType
from graph.schema.executor import LeafExecutor, mark_leaves
from graph.schema.fields import resolved
from graph.schema.scalars import SCALARS
from graph.schema.shortcuts import shorten

NOON = datetime(2026, 8, 1, 12, 0, 0, 5000, UTC)


@strawberry.interface
class Animal:
    """Something alive."""

    name: str


@strawberry.type
class Cat(Animal):
    """A cat."""

    lives: int | None
    born: datetime
    kind: VariableType

    @resolved
    def greeting(self) -> str:
        """Without info."""
        return f"Meow, {self.name}"

    @resolved
    def times(self, count: int = 2) -> list[str]:
        """With an argument."""
        return [self.name] * count


@strawberry.type
class Dog(Animal):
    """A dog."""


@strawberry.type
class Query:
    """The root."""

    @resolved
    def animals(self, info: strawberry.Info) -> list[Animal]:
        """All of them."""
        animals: list[Animal] = info.context
        return animals


def both_ways(query: str, animals: list[Any]) -> tuple[ExecutionResult, ExecutionResult]:
    """The answers of Strawberry's own way and of ours."""

    def build() -> strawberry.Schema:
        return strawberry.Schema(query=Query, types=[Cat, Dog], config=StrawberryConfig(scalar_map=SCALARS))

    usual, short = build(), build()
    shorten(short._schema)
    mark_leaves(short._schema)
    document = parse(query)
    first: Any = execute(usual._schema, document, context_value=animals)
    second: Any = execute(short._schema, document, context_value=animals, executor_class=LeafExecutor)
    return first, second


ALL = """{ animals { __typename kindOf: __typename name
  ... on Cat { lives born kind greeting times(count: 3) twice: times } } }"""


def cat(**facts: Any) -> Cat:
    return Cat(**{"name": "Tom", "lives": None, "born": NOON, "kind": VariableType.JSON, **facts})


def test_attributes_resolvers_and_types_answer_the_same() -> None:
    usual, short = both_ways(ALL, [cat(), Dog(name="Rex"), cat(name="Kit", lives=9)])
    assert short == usual
    assert short.errors is None
    assert short.data is not None
    assert short.data["animals"][0] == {
        "__typename": "Cat",
        "kindOf": "Cat",
        "name": "Tom",
        "lives": None,
        "born": "2026-08-01T12:00:00.005Z",
        "kind": "JSON",
        "greeting": "Meow, Tom",
        "times": ["Tom"] * 3,
        "twice": ["Tom"] * 2,
    }


def test_a_null_where_none_may_be_is_told_with_its_path() -> None:
    usual, short = both_ways(ALL, [cat(name=None)])
    assert short.errors is not None
    assert usual.errors is not None
    assert [error.formatted for error in short.errors] == [error.formatted for error in usual.errors]
    assert short.errors[0].path == ["animals", 0, "name"]
    assert short.data == usual.data


def test_a_value_of_the_wrong_type_is_told_with_its_path() -> None:
    for wrong in ({"lives": "nine"}, {"born": "yesterday"}, {"kind": "nonsense"}, {"lives": 2**40}):
        usual, short = both_ways(ALL, [cat(**wrong)])
        assert short.errors is not None
        assert usual.errors is not None
        assert [error.formatted for error in short.errors] == [error.formatted for error in usual.errors]
        assert short.data == usual.data


def test_a_value_that_is_none_of_the_types_is_an_error() -> None:
    _, short = both_ways(ALL, ["a stone"])
    assert short.errors is not None

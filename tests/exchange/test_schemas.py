from typing import Any

import pytest

from graph.domain.errors import InvalidInputError
from graph.exchange.schemas import named_properties, read_picoschema, read_properties, read_property


@pytest.mark.parametrize(
    ("pico", "schema"),
    [
        ("number, how many, and why", {"type": "number", "description": "how many, and why"}),
        ({"type": "string"}, {"type": "string"}),
        ({"properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"a": {"type": "string"}}}),
        (
            {"a?(array, all)": "any, one", "(*)": "number"},
            {
                "type": "object",
                "properties": {
                    "a": {"type": ["array", "null"], "items": {"description": "one"}, "description": "all"}
                },
                "additionalProperties": {"type": "number"},
            },
        ),
        (
            {"a(object)": {"b(enum)": ["x"]}},
            {
                "type": "object",
                "properties": {
                    "a": {
                        "type": "object",
                        "properties": {"b": {"enum": ["x"]}},
                        "required": ["b"],
                        "additionalProperties": False,
                    }
                },
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
    ],
)  # fmt: skip
def test_picoschema_is_json_schema(pico: Any, schema: Any) -> None:
    assert read_picoschema(pico) == schema


@pytest.mark.parametrize("pico", ["Mine", {"a": "Mine"}, {"a": 1}, {"a(set)": "string"}, [1], {"a(enum)": "x"}])
def test_what_is_no_picoschema_is_refused(pico: Any) -> None:
    with pytest.raises(InvalidInputError):
        read_picoschema(pico)


def test_properties_are_json_schema() -> None:
    listed = [
        {"name": "a", "kind": "float", "required": True},
        {"name": "b", "kind": "array", "items": {"kind": "bool"}},
    ]
    properties = {"a": {"type": "number"}, "b": {"type": "array", "items": {"type": "boolean"}}}
    assert read_properties(listed) == {"type": "object", "properties": properties, "required": ["a"]}
    assert read_properties({"properties": listed}) == read_properties(listed)
    assert read_property({"kind": "object", "properties": {"c": "x"}})["properties"] == {
        "c": {"type": "string", "default": "x"}
    }


@pytest.mark.parametrize(
    ("value", "kind"), [(True, "boolean"), (1, "integer"), (1.5, "number"), ([], "array"), ({}, "string")]
)
def test_a_plain_value_is_of_its_own_type(value: Any, kind: str) -> None:
    assert read_property(value)["type"] == kind


@pytest.mark.parametrize("value", [1, [1], [{"name": 1}], [{"name": "a"}, {"name": "a"}]])
def test_what_are_no_properties_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        named_properties(value)

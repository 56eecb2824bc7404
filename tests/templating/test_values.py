from typing import Any

import pytest

from graph.domain.errors import InvalidVariableError
from graph.domain.templates import ChatMessage, ChatRole, Variable, VariableType
from graph.templating.values import read_default, read_messages, write_value
from tests.templating.strategies import LIMITS

STRING, NUMBER, BOOLEAN = VariableType.STRING, VariableType.NUMBER, VariableType.BOOLEAN
JSON, MESSAGES = VariableType.JSON, VariableType.MESSAGES


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (STRING, "", ""),
        (STRING, "{{x}} \\ \0 \n😀", "{{x}} \\ \0 \n😀"),
        (NUMBER, 5, "5"),
        (NUMBER, -(2**63), "-9223372036854775808"),
        (NUMBER, 1.0, "1"),
        (NUMBER, -0.0, "0"),
        (NUMBER, 1e20, "100000000000000000000"),
        (NUMBER, 1e21, "1e+21"),
        (NUMBER, 0.1, "0.1"),
        (BOOLEAN, True, "true"),
        (BOOLEAN, False, "false"),
        (JSON, [], "[]"),
        (JSON, {"b": [1, 2.5, None, True], "a": 'é"'}, '{"b":[1,2.5,null,true],"a":"é\\""}'),
    ],
)
def test_a_value_that_fits_its_type_is_written_one_way(kind: VariableType, value: Any, text: str) -> None:
    assert write_value(Variable("x", kind), value, LIMITS) == text


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


UNFIT: dict[VariableType, list[Any]] = {
    STRING: [5, True, ["a"], {"a": 1}, "\ud800"],
    NUMBER: ["5", True, [5], float("nan"), float("inf"), 2**63, -(2**63) - 1, 10**4000],
    BOOLEAN: ["true", 1, 0, []],
    JSON: ["{}", 5, True, {1: 2}, [float("nan")], ["\udfff"], nested(33), {"a\0": 1}],
    MESSAGES: ["hi", {"role": "user", "content": "hi"}, ["hi"], [[]], 5],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in UNFIT for value in [None, *UNFIT[kind]]])
def test_a_value_that_does_not_fit_its_type_is_refused_and_told_what_does(kind: VariableType, value: Any) -> None:
    with pytest.raises(InvalidVariableError, match="The variable 'x'") as caught:
        write_value(Variable("x", kind), value, LIMITS)
    assert (caught.value.variable, caught.value.expected, caught.value.path) == ("x", kind, ("variables", "x"))


def test_json_may_be_as_deep_as_the_bound() -> None:
    assert write_value(Variable("x", JSON), nested(32), LIMITS) == "[" * 32 + "]" * 32


def test_messages_are_objects_of_role_and_content_with_roles_in_either_spelling() -> None:
    given = [{"role": "user", "content": "a"}, {"content": "", "role": "ASSISTANT"}, {"role": "tool", "content": "c"}]
    assert read_messages(Variable("x", MESSAGES), given, LIMITS) == (
        ChatMessage(ChatRole.USER, "a"),
        ChatMessage(ChatRole.ASSISTANT, ""),
        ChatMessage(ChatRole.TOOL, "c"),
    )


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user"},
        {"content": "a"},
        {"role": "user", "content": "a", "name": "b"},
        {"role": "user", "content": ["a"]},
        {"role": "user", "content": None},
        {"role": "root", "content": "a"},
        {"role": "User", "content": "a"},
        {"role": ["user"], "content": "a"},
        {"role": "user", "content": "\ud800"},
        {"role": "system", "content": "a"},
        {"role": "developer", "content": "a"},
    ],
)
def test_a_message_of_another_shape_or_role_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(InvalidVariableError):
        read_messages(Variable("x", MESSAGES), [message], LIMITS)


def test_a_thousand_and_one_messages_are_too_many() -> None:
    message = {"role": "user", "content": ""}
    assert len(read_messages(Variable("x", MESSAGES), [message] * 1_000, LIMITS)) == 1_000
    with pytest.raises(InvalidVariableError, match="at most 1000 messages; these are 1001"):
        read_messages(Variable("x", MESSAGES), [message] * 1_001, LIMITS)


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [(STRING, '"hi"', "hi"), (NUMBER, " 1.50 ", 1.5), (BOOLEAN, "false", False), (JSON, '{"a": []}', {"a": []})],
)
def test_a_default_is_json_text(kind: VariableType, default: str, value: Any) -> None:
    assert read_default(Variable("x", kind, default_value=default), LIMITS) == value


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        (STRING, "hi"),
        (STRING, ""),
        (STRING, "5"),
        (STRING, '"\\ud800"'),
        (NUMBER, "NaN"),
        (NUMBER, "1e999"),
        (NUMBER, "9" * 5_000),
        (JSON, "[" * 10_000),
        (JSON, "[Infinity]"),
        (MESSAGES, '[{"role": "system", "content": ""}]'),
    ],
)
def test_a_default_that_is_no_json_or_does_not_fit_is_refused(kind: VariableType, default: str) -> None:
    with pytest.raises(InvalidVariableError):
        read_default(Variable("x", kind, default_value=default), LIMITS)

"""What each type of variable takes, and how a value is written into text.

STRING takes a string, written as it is. NUMBER takes an integer of 64 bits or a finite float; a whole
one is written without a fraction (`1.0` as `1`), any other as the shortest decimal that reads back as
the same. BOOLEAN is written `true` or `false`. JSON takes a list or an object, written as compact JSON
with its keys in the order they came. MESSAGES takes a list of `{"role", "content"}`. Null is a value of
no type: who has none leaves it out. Nothing is converted: `"5"` is no number and `5` no string.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from graph.domain.errors import InvalidVariableError
from graph.domain.json_values import compact_json, json_fault
from graph.domain.limits import Limits
from graph.domain.templates import ChatMessage, ChatRole, Variable, VariableType

_WHOLE_BELOW = 1e21  # from here on a whole float is written with an exponent, as in ECMAScript
_PRIVILEGED = {ChatRole.SYSTEM, ChatRole.DEVELOPER}
_ROLES = {name: role for role in ChatRole for name in (role.value, role.name)}
_EXPECTED = {
    VariableType.STRING: "a string",
    VariableType.NUMBER: "a number",
    VariableType.BOOLEAN: "true or false",
    VariableType.JSON: "a list or an object",
    VariableType.MESSAGES: 'a list of {"role", "content"} objects',
}


def write_value(variable: Variable, value: Any, limits: Limits) -> str:
    """The text that stands for `value`. Raises InvalidVariableError when it does not fit the type."""
    check_value(variable, value, limits)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _write_number(value)
    return compact_json(value)


def read_messages(variable: Variable, value: Any, limits: Limits) -> tuple[ChatMessage, ...]:
    """The messages in a list of objects. Raises InvalidVariableError when it is none, or has a role it may not have."""
    if not isinstance(value, list | tuple):
        _refuse(variable, f"takes {_EXPECTED[VariableType.MESSAGES]}; this is {_kind(value)}")
    if len(value) > limits.messages:
        _refuse(variable, f"takes at most {limits.messages} messages; these are {len(value)}")
    if fault := json_fault(value, limits.json_depth):
        _refuse(variable, fault)
    return tuple(_read_message(variable, index, message) for index, message in enumerate(value))


def check_value(variable: Variable, value: Any, limits: Limits) -> None:
    """Raises InvalidVariableError, which tells what the type takes, when `value` does not fit."""
    if variable.type is VariableType.MESSAGES:
        read_messages(variable, value, limits)
        return
    if not _fits(variable.type, value):
        _refuse(variable, f"takes {_EXPECTED[variable.type]}; this is {_kind(value)}")
    if fault := json_fault(value, limits.json_depth):
        _refuse(variable, fault)


def read_default(variable: Variable, limits: Limits) -> Any:
    """The value behind a default's JSON text. Raises InvalidVariableError when it is no JSON or does not fit."""
    try:
        value = json.loads(variable.default_value or "")
    except (ValueError, RecursionError):
        _refuse(variable, 'has a default that is no JSON. A default is JSON text: "\\"hello\\"" is the string hello')
    check_value(variable, value, limits)
    return value


def _fits(kind: VariableType, value: Any) -> bool:
    if kind is VariableType.STRING:
        return isinstance(value, str)
    if kind is VariableType.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is VariableType.BOOLEAN:
        return isinstance(value, bool)
    return isinstance(value, list | tuple | dict)


def _read_message(variable: Variable, index: int, message: Any) -> ChatMessage:
    if not isinstance(message, Mapping) or set(message) != {"role", "content"}:
        _refuse(variable, f'takes objects of "role" and "content" and nothing else; message {index} is another')
    role, content = message["role"], message["content"]
    if not isinstance(role, str) or role not in _ROLES:
        _refuse(variable, f"takes the roles {', '.join(ChatRole)}; message {index} has another")
    if not isinstance(content, str):
        _refuse(variable, f"takes text as content; that of message {index} is {_kind(content)}")
    if _ROLES[role] in _PRIVILEGED and not variable.allows_system_messages:
        _refuse(variable, f"takes no system or developer messages in this version; message {index} is one")
    return ChatMessage(_ROLES[role], content)


def _write_number(value: float) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_BELOW:
        return str(int(value))
    return repr(value)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, Mapping) else "a list"


def _refuse(variable: Variable, why: str) -> NoReturn:
    message = f"The variable {variable.name!r} {why}."
    raise InvalidVariableError(message, variable.name, variable.type, ("variables", variable.name))

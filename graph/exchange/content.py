"""Templates, variables and model settings as JSON lines and Markdown have them, read with their types checked."""

import json

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import compact_json
from graph.domain.templates import (
    ChatMessage,
    ChatPart,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    ModelSettings,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.exchange.shapes import Fields, Path


def read_template(fields: Fields) -> PromptTemplate:
    """`{"text": …}` or `{"chat": […]}`."""
    if ("text" in fields) == ("chat" in fields):
        raise InvalidInputError("A template is a `text` or a `chat`, one of the two.", fields.path)
    template: PromptTemplate = (
        TextTemplate(fields.required("text", str)) if "text" in fields else read_chat(fields, "chat")
    )
    fields.finish()
    return template


def read_chat(fields: Fields, key: str) -> ChatTemplate:
    """A list of `{"role", "content"}` and `{"placeholder"}`."""
    return ChatTemplate(tuple(_read_part(part) for part in fields.objects(key)))


def _read_part(fields: Fields) -> ChatPart:
    part: ChatPart
    if "placeholder" in fields:
        part = MessagesPlaceholder(fields.required("placeholder", str))
    else:
        part = ChatMessage(
            read_role(fields.required("role", str).lower(), fields.path), fields.required("content", str)
        )
    fields.finish()
    return part


def read_role(role: str, path: Path) -> ChatRole:
    """The role of that name. Raises InvalidInputError for the object at `path`, which has none such."""
    if role not in list(ChatRole):
        raise InvalidInputError(f"A role is one of {', '.join(ChatRole)}.", (*path, "role"))
    return ChatRole(role)


def read_variables(fields: Fields, key: str = "variables") -> tuple[Variable, ...]:
    """What is declared about the template's variables.

    A default is given as JSON text in `defaultValue`, or as the value itself in `default`.
    """
    return tuple(_read_variable(variable) for variable in fields.objects(key))


def _read_variable(fields: Fields) -> Variable:
    variable = Variable(
        name=fields.required("name", str),
        type=_read_type(fields),
        description=fields.optional("description", str),
        default_value=_read_default(fields),
        allows_system_messages=fields.optional("allowsSystemMessages", bool) or False,
    )
    fields.finish()
    return variable


def _read_default(fields: Fields) -> str | None:
    if "default" not in fields:
        return fields.optional("defaultValue", str)
    value = fields.optional("default", object)
    try:
        return None if value is None else compact_json(value)
    except (ValueError, RecursionError):
        raise InvalidInputError("This default cannot be written as JSON.", (*fields.path, "default")) from None


def _read_type(fields: Fields) -> VariableType:
    kind = (fields.optional("type", str) or VariableType.STRING.value).lower()
    try:
        return VariableType(kind)
    except ValueError:
        raise InvalidInputError(f"A type is one of {', '.join(VariableType)}.", (*fields.path, "type")) from None


def read_settings(fields: Fields | None) -> ModelSettings | None:
    """The model and its parameters."""
    if fields is None:
        return None
    tools = fields.optional("tools", list) or []
    for index, tool in enumerate(tools):
        Fields(tool, (*fields.path, "tools", str(index)))
    settings = ModelSettings(
        model=fields.optional("model", str),
        temperature=fields.number("temperature"),
        top_p=fields.number("topP"),
        max_output_tokens=fields.optional("maxOutputTokens", int),
        tools=tuple(tools),
        response_schema=fields.json("responseSchema"),
        extra=fields.json("extra") or {},
    )
    fields.finish()
    return settings


def is_plain_default(default: str) -> bool:
    """True when the default's JSON text is what `default` would be written back as."""
    try:
        return json.loads(default) is not None and compact_json(json.loads(default)) == default
    except (ValueError, RecursionError):
        return False

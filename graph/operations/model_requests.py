"""What is sent to a model for a version: its messages, then the caller's; its settings, where the caller gives none.

A chat template is its messages. A text template is the system message, or, where the caller has no messages of
its own, the user's: a model wants to be asked something. Bodies are in the shapes of OpenAI's two endpoints.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.templates import ChatMessage, ChatRole, ModelSettings
from graph.operations.response_options import merge_options, response_options
from graph.upstream.protocol import Endpoint

RENDERED_BY_US = frozenset({"model", "messages", "input", "stream", "stream_options", "prompt"})
_LONGEST = ("max_completion_tokens", "max_tokens")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def complete_body(
    endpoint: Endpoint,
    given: Mapping[str, Any],
    rendered: str | tuple[ChatMessage, ...],
    settings: ModelSettings | None,
    name: str,
) -> JSONObject:
    """The caller's body with the version in it. `name` is the prompt's, for a schema that wants one.

    Raises InvalidInputError for messages that are no list, and for a tool's message where there can be none.
    """
    key, build, options = _SHAPES[endpoint]
    own = _own_messages(given, key)
    body = _missing(options(settings, name), given) if settings else {}
    said = {field: value for field, value in given.items() if value is not None or field not in body}
    body = merge_options(body, said) if endpoint is Endpoint.RESPONSES else body | said
    body[key] = [*build(_messages(rendered, has_own=bool(own))), *own]
    return body


def chat_overrides(settings: ModelSettings, name: str) -> JSONObject:
    """What a caller gives in the words of the domain, as a chat's body has it."""
    model = {"model": settings.model} if settings.model else {}
    return {**_chat_parameters(settings, name), **model}


def _extra(settings: ModelSettings) -> JSONObject:
    return {field: value for field, value in settings.extra.items() if field not in RENDERED_BY_US}


def chat_messages(messages: Sequence[ChatMessage]) -> list[JSONObject]:
    """Messages as a chat's body has them."""
    return [{"role": message.role.value, "content": message.content} for message in messages]


def _own_messages(given: Mapping[str, Any], key: str) -> Sequence[Any]:
    own = given.get(key)
    if own is None or own == "":
        return ()
    if key == "input" and isinstance(own, str):
        return ({"role": ChatRole.USER.value, "content": own},)
    if not isinstance(own, list):
        raise InvalidInputError(f"`{key}` must be a list.", (key,))
    return own


def _messages(rendered: str | tuple[ChatMessage, ...], *, has_own: bool) -> tuple[ChatMessage, ...]:
    if isinstance(rendered, str):
        return (ChatMessage(ChatRole.SYSTEM if has_own else ChatRole.USER, rendered),)
    return rendered


def _missing(parameters: JSONObject, given: Mapping[str, Any]) -> JSONObject:
    """Without the longest answer where the caller says one, under its name or the older one."""
    is_said = any(given.get(name) is not None for name in _LONGEST)
    return {field: value for field, value in parameters.items() if not (is_said and field in _LONGEST)}


def _input_items(messages: Sequence[ChatMessage]) -> list[JSONObject]:
    if any(message.role is ChatRole.TOOL for message in messages):
        raise InvalidInputError("The prompt has a tool's message, which /v1/responses cannot take.", ("prompt",))
    return chat_messages(messages)


def _chat_parameters(settings: ModelSettings, name: str) -> JSONObject:
    parameters = {**_extra(settings), **_sampling(settings, "max_completion_tokens")}
    if settings.tools:
        parameters["tools"] = list(settings.tools)
    if settings.response_schema is not None:
        parameters["response_format"] = {
            "type": "json_schema",
            "json_schema": _named_schema(settings.response_schema, name),
        }
    return parameters


def _response_parameters(settings: ModelSettings, name: str) -> JSONObject:
    parameters = _sampling(settings, "max_output_tokens")
    if settings.tools:
        parameters["tools"] = [_flat_tool(tool) for tool in settings.tools]
    if settings.response_schema is not None:
        schema = _named_schema(settings.response_schema, name)
        parameters["text"] = {"format": {"type": "json_schema", **schema}}
    return merge_options(response_options(_extra(settings)), parameters)


def _sampling(settings: ModelSettings, longest: str) -> JSONObject:
    told = {"temperature": settings.temperature, "top_p": settings.top_p, longest: settings.max_output_tokens}
    return {field: value for field, value in told.items() if value is not None}


def _flat_tool(tool: JSONObject) -> JSONObject:
    """The chat endpoint puts a function's facts one level deeper than the responses endpoint does."""
    function = tool.get("function")
    return {"type": tool.get("type", "function"), **function} if isinstance(function, dict) else tool


def _named_schema(schema: JSONObject, name: str) -> JSONObject:
    plain = _NOT_IN_A_NAME.sub("_", name.rpartition("/")[2]).strip("_")[:64]
    return {"name": plain or "answer", "schema": schema, "strict": is_strict(schema)}


def is_strict(schema: Any) -> bool:
    """True when OpenAI takes the schema in strict mode: every object closed, and every property required."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, dict):
        required = schema.get("required", [])
        names = set(properties) if isinstance(properties, dict) else set()
        if schema.get("additionalProperties") is not False or not names <= set(required):
            return False
    return all(map(is_strict, schema.values()))


_Parameters = Callable[[ModelSettings, str], JSONObject]
_SHAPES: dict[Endpoint, tuple[str, Callable[[Sequence[ChatMessage]], list[JSONObject]], _Parameters]] = {
    Endpoint.CHAT: ("messages", chat_messages, _chat_parameters),
    Endpoint.RESPONSES: ("input", _input_items, _response_parameters),
}

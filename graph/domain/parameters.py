"""A version's model and parameters under the names that OpenAI's chat API gives them, as most clients do.

`max_tokens` is `max_output_tokens`; a response schema is a `response_format` of the type `json_schema`. Whatever else
stands among the parameters is `extra`, and so is what has one of these names and not its type: nothing is lost, and
what was read is written again the same.
"""

import math
from typing import Any

from graph.domain.json_values import JSONObject
from graph.domain.templates import ModelSettings

SCHEMA_NAME = "response"


def settings_to_parameters(settings: ModelSettings | None) -> JSONObject:
    """The settings as one flat object, the model among them; empty where nothing is said."""
    if settings is None:
        return {}
    own: JSONObject = {
        "model": settings.model,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_output_tokens,
        "tools": list(settings.tools) or None,
        "response_format": _response_format(settings.response_schema),
    }
    return {**{name: value for name, value in own.items() if value is not None}, **_without(settings.extra, own)}


def settings_from_parameters(parameters: JSONObject) -> ModelSettings | None:
    """The inverse of `settings_to_parameters`; None where nothing is said."""
    left = dict(parameters)
    settings = ModelSettings(
        model=_take(left, "model", _is_text(left.get("model"))),
        temperature=_as_float(_take(left, "temperature", _is_amount(left.get("temperature")))),
        top_p=_as_float(_take(left, "top_p", _is_amount(left.get("top_p")))),
        max_output_tokens=_take(left, "max_tokens", _is_count(left.get("max_tokens"))),
        tools=tuple(_take(left, "tools", _are_objects(left.get("tools"))) or ()),
        response_schema=_take_schema(left),
        extra=left,
    )
    return None if settings == ModelSettings() else settings


def _response_format(schema: JSONObject | None) -> JSONObject | None:
    if schema is None:
        return None
    return {"type": "json_schema", "json_schema": {"name": SCHEMA_NAME, "schema": schema}}


def _without(extra: JSONObject, own: JSONObject) -> JSONObject:
    """What is said twice, the setting of its own says."""
    return {name: value for name, value in extra.items() if own.get(name) is None}


def _take(left: JSONObject, name: str, fits: bool) -> Any:
    return left.pop(name) if fits else None


def _take_schema(left: JSONObject) -> JSONObject | None:
    """The schema of a response format that says no more than we keep; another one stays where it is."""
    given = left.get("response_format")
    inner = given.get("json_schema") if isinstance(given, dict) else None
    schema: Any = inner.get("schema") if isinstance(inner, dict) else None
    if not isinstance(schema, dict) or given != _response_format(schema):
        return None
    del left["response_format"]
    return schema


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() == value != ""


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(tool, dict) for tool in value)


def _as_float(value: float | None) -> float | None:
    return None if value is None else float(value)

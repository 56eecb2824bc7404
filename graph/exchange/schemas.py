"""Schemas of prompt files as JSON schema: Google's picoschema, and Prompty's lists of properties."""

from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject

_SCALARS = ("string", "boolean", "null", "number", "integer", "any")
_TYPES = (*_SCALARS, "object", "array")
_WILDCARD = "(*)"
_PROMPTY_KINDS = {"float": "number", "double": "number", "int": "integer", "bool": "boolean", "list": "array"}


def read_picoschema(schema: Any) -> JSONObject:
    """JSON schema of picoschema; what is JSON schema already stays. Raises InvalidInputError for a name of a schema."""
    if isinstance(schema, dict):
        if schema.get("type") in _TYPES:
            return schema
        if isinstance(schema.get("properties"), dict):
            return {"type": "object", **schema}
    return _read_pico(schema)


def _read_pico(value: Any) -> JSONObject:
    if isinstance(value, str):
        return _read_scalar(value)
    if not isinstance(value, dict):
        raise InvalidInputError("A picoschema is made of objects and texts.")
    properties: JSONObject = {}
    required: list[str] = []
    others: Any = False
    for key, item in value.items():
        if key == _WILDCARD:
            others = _read_pico(item)
            continue
        written, _, kind = key.partition("(")
        name = written.removesuffix("?")
        if name == written:
            required.append(name)
        properties[name] = _read_property(kind.removesuffix(")"), item, is_optional=name != written)
    told = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **told, "additionalProperties": others}


def _read_scalar(text: str) -> JSONObject:
    kind, description = _split(text)
    if kind not in _SCALARS:
        raise InvalidInputError(f"The schema {kind[:60]!r} is known by name only.")
    return {**({} if kind == "any" else {"type": kind}), **description}


def _read_property(kind: str, item: Any, is_optional: bool) -> JSONObject:
    word, description = _split(kind)
    if word == "array":
        found: JSONObject = {"type": "array", "items": _read_pico(item)}
    elif word == "enum" and isinstance(item, list):
        return {"enum": [*item, *([None] if is_optional and None not in item else [])], **description}
    elif word in ("", "object"):
        found = _read_pico(item)
    else:
        raise InvalidInputError(f"In brackets stands array, object or enum, not {word[:60]!r}.")
    if is_optional and isinstance(found.get("type"), str):
        found = {**found, "type": [found["type"], "null"]}
    return {**found, **description}


def _split(text: str) -> tuple[str, JSONObject]:
    kind, _, description = text.partition(",")
    return kind.strip(), {"description": description.strip()} if description.strip() else {}


def read_property(value: Any) -> JSONObject:
    """JSON schema of a property of Prompty's. A plain value is one of its type, with that default."""
    if not isinstance(value, dict):
        return {"type": _type_of(value), "default": value}
    kind = str(value.get("kind", value.get("type", "string")))
    found: JSONObject = {"type": _PROMPTY_KINDS.get(kind, kind)}
    if "enumValues" in value:
        found["enum"] = value["enumValues"]
    if "items" in value:
        found["items"] = read_property(value["items"])
    if "properties" in value:
        found |= read_properties(value["properties"])
    rest = {key: item for key, item in value.items() if key in ("description", "default", "example")}
    return found | rest


def read_properties(value: Any) -> JSONObject:
    """JSON schema of an object with these properties: a list with names, or an object by name."""
    named = named_properties(value)
    required = [name for name, one in named.items() if isinstance(one, dict) and one.get("required") is True]
    told = {"required": required} if required else {}
    return {"type": "object", "properties": {name: read_property(one) for name, one in named.items()}, **told}


def named_properties(value: Any) -> dict[str, Any]:
    """The properties by name. Raises InvalidInputError for anything but a list of named objects or an object."""
    if isinstance(value, dict) and isinstance(value.get("properties"), list | dict):
        value = value["properties"]
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        raise InvalidInputError("Properties are a list or an object.")
    named = {one["name"]: one for one in value if isinstance(one, dict) and isinstance(one.get("name"), str)}
    if len(named) != len(value):
        raise InvalidInputError("Each property in a list has a name of its own.")
    return {name: {key: item for key, item in one.items() if key != "name"} for name, one in named.items()}


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "string"

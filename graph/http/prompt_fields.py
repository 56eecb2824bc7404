"""Which prompt a call in OpenAI's shape names, and the values for its variables.

Two spellings, on both endpoints: `prompt_id`, `prompt_version`, `prompt_label`, `prompt_variables` beside the other
fields (what the clients of OpenAI send as `extra_body`), and OpenAI's own `prompt: {id, version, variables}`. What
cannot be understood is refused: a call is never sent on without the prompt that its caller meant.
"""

from collections.abc import Mapping
from typing import Any

from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.json_values import JSONObject
from graph.domain.names import LABEL_PATTERN
from graph.domain.prompts import LATEST_VERSION, VersionByLabel, VersionByNumber
from graph.domain.selectors import parse_version
from graph.http.litellm.selection import read_environment
from graph.operations.gateway import AskedPrompt
from graph.operations.selectors import AnyVersion

FLAT_NAMES = {
    "prompt_id": "id",
    "prompt_version": "version",
    "prompt_label": "label",
    "prompt_environment": "environment",  # LiteLLM's word for what is a label here
    "prompt_variables": "variables",
}
# In the order in which an error names them; a version may also stand in the name itself.
_VERSION_NAMES = ("prompt.label", "prompt.version", "prompt_label", "prompt_environment", "prompt_version")
NESTED_NAMES = {"id", "prompt_id", "version", "label", "variables"}


def wire_names(body: Any) -> Mapping[str, str]:
    """What an operation's fields are called in this body, for errors that name one."""
    given = body if isinstance(body, dict) else {}
    prompt = given.get("prompt")
    if prompt is not None and not isinstance(prompt, dict):
        return {"prompt": "prompt"}
    nested = {f"prompt.{name}": value for name, value in (prompt or {}).items()}
    said = {name for name, value in {**given, **nested}.items() if value is not None}
    name, values = ("prompt.id", "prompt.variables") if prompt is not None else ("prompt_id", "prompt_variables")
    version = next((one for one in _VERSION_NAMES if one in said), name)
    return {"prompt": name, "version": version, "variables": values}


def read_prompt_fields(body: Any) -> tuple[JSONObject, AskedPrompt | None]:
    """The call without the fields of the prompt, and the prompt. Raises InvalidInputError and NotFoundError."""
    if not isinstance(body, dict):
        raise InvalidInputError("The body must be a JSON object.")
    rest = {name: value for name, value in body.items() if name not in FLAT_NAMES and name != "prompt"}
    fields = {FLAT_NAMES[name]: body[name] for name in FLAT_NAMES if body.get(name) is not None}
    fields |= _read_nested(body.get("prompt"), fields)
    if not fields and body.get("prompt") is None:
        return rest, None
    text = fields.get("id")
    if not isinstance(text, str) or not text:
        raise InvalidInputError("Name the prompt: `prompt_id`, or `id` in `prompt`, is a text.", ("prompt",))
    return rest, AskedPrompt(text, _read_version(fields), _read_variables(fields.get("variables")))


def _read_nested(prompt: object, flat: Mapping[str, Any]) -> JSONObject:
    if prompt is None:
        return {}
    if not isinstance(prompt, dict) or set(prompt) - NESTED_NAMES:
        known = ", ".join(f"`{name}`" for name in sorted(NESTED_NAMES))
        raise InvalidInputError(f"`prompt` is an object of {known}.", ("prompt",))
    given = {name: value for name, value in prompt.items() if value is not None}
    if "prompt_id" in given:
        given.setdefault("id", given.pop("prompt_id"))
    if twice := set(given) & set(flat):
        raise InvalidInputError(f"The prompt's {min(twice)} is given twice. Give one.", ("prompt",))
    return given


def _read_version(fields: Mapping[str, Any]) -> AnyVersion | None:
    asked: list[AnyVersion] = []
    if "version" in fields:
        asked.append(_read_number(fields["version"]))
    for name in ("label", "environment"):
        if name in fields:
            asked.append(_read_label(fields[name], name))
    if len(set(asked)) > 1:
        raise InvalidInputError("The prompt is asked for in two versions. Give one.", ("version",))
    return asked[0] if asked else None


def _read_number(version: object) -> AnyVersion:
    if isinstance(version, int) and not isinstance(version, bool):
        return VersionByNumber(version)
    parsed = parse_version(version) if isinstance(version, str) else None
    if parsed is None:
        raise InvalidInputError('A version is a number such as 7 or "7", or a label.', ("version",))
    return parsed


def _read_label(label: object, name: str) -> VersionByLabel:
    if not isinstance(label, str):
        raise InvalidInputError("A label is a text.", ("version",))
    if name == "environment" and read_environment(label) is None:
        return LATEST_VERSION
    if not LABEL_PATTERN.fullmatch(label):
        raise NotFoundError(
            "The prompt has no such label: they begin with a letter from a to z and are of a-z, 0-9, `_`, `.` and `-`.",
            ("version",),
        )
    return VersionByLabel(label)


def _read_variables(values: object) -> Mapping[str, Any]:
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InvalidInputError("The variables are an object of names and values.", ("variables",))
    return {name: _read_value(name, value) for name, value in values.items()}


def _read_value(name: str, value: Any) -> Any:
    """OpenAI's variables may be parts of an input. A text is its text; our templates take no images and files yet."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "input_text" and isinstance(value.get("text"), str):
        return value["text"]
    if kind in ("input_image", "input_file"):
        raise InvalidInputError(
            f"The variable {name!r} takes no {kind}: put it into a message of your own.", ("variables",)
        )
    return value

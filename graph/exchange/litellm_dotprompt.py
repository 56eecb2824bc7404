"""LiteLLM's `.prompt` files: YAML between `---`, then text in which a line that begins with a role begins a message.

It is a dialect of its own, not Google's dotprompt. Every key of the front matter is a parameter of the model, but for
`model`, `input` and `output`; the text is Jinja2, of which only `{{ name }}` can be kept: all else is refused. LiteLLM
puts values in first and looks for roles then, so that a value can make a message; here roles are found first.

A text without any role is a text. What the dialect cannot say (a message with a line that begins as a role does,
placeholders, tools' messages) is not written at all: `write_dotprompt` gives None.
"""

import json
import re
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject, compact_json
from graph.domain.parameters import settings_from_parameters, settings_to_parameters
from graph.domain.prompts import VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    Content,
    ModelSettings,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.exchange.front_matter import dump_yaml, load_yaml
from graph.exchange.shapes import Fields
from graph.templating.plain import read_plain, write_plain

DEPTH = 32
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)(?<=\n)---[ \t]*(?:\n(.*))?", re.DOTALL)
ROLE_LINE = re.compile(r"[ \t]*(System|Developer|User|Assistant):[ \t]*")
# Of three braces Jinja2 takes the first two to open.
_NAME = re.compile(r"(?<!\{)\{\{ *[A-Za-z_][A-Za-z0-9_]* *\}\}")
_JINJA = re.compile(r"\{\{|\{%|\{#")
_ASIDE = ("input", "output")
_TYPES = {
    **dict.fromkeys(("number", "integer", "int", "float"), VariableType.NUMBER),
    **dict.fromkeys(("boolean", "bool"), VariableType.BOOLEAN),
    **dict.fromkeys(("array", "list", "object", "dict"), VariableType.JSON),
}
_TYPE_NAMES = {VariableType.NUMBER: "number", VariableType.BOOLEAN: "boolean"}


def split_dotprompt(text: str) -> tuple[JSONObject, str]:
    """The front matter and the text after it. Raises InvalidInputError when the YAML is none, or no object."""
    text = text.replace("\r\n", "\n")
    match = _FRONT_MATTER.fullmatch(text)
    if match is None:
        return {}, text.strip()
    metadata = load_yaml(match[1], DEPTH, above=1)
    if not isinstance(metadata, dict | None):
        raise InvalidInputError("The front matter must be an object.", ("metadata",))
    return metadata or {}, (match[2] or "").strip()


def read_dotprompt(metadata: JSONObject, text: str) -> VersionDraft:
    """The version that a file means. Raises InvalidInputError for what cannot be kept."""
    template = _read_template(text)
    used = set(_names(template))
    variables = tuple(variable for variable in read_variables(metadata) if variable.name in used)
    return VersionDraft(template, variables, read_settings(metadata))


def write_dotprompt(content: Content) -> tuple[JSONObject, str] | None:
    """Front matter and text that read back as this content; None where the dialect cannot say it."""
    text = _write_template(content.template)
    if text is None:
        return None
    metadata = {**settings_to_parameters(content.model_settings), **_write_input(content.variables)}
    try:
        read = read_dotprompt(metadata, text)
    except InvalidInputError:
        return None
    kept = {variable.name: (variable.type, variable.default_value) for variable in read.variables}
    wanted = {variable.name: (variable.type, variable.default_value) for variable in content.variables}
    plain = (VariableType.STRING, None)
    same = all(kept.get(name, plain) == facts for name, facts in wanted.items())
    is_exact = same and (read.template, read.model_settings) == (content.template, content.model_settings)
    return (metadata, text) if is_exact else None


def join_dotprompt(metadata: JSONObject, text: str) -> str:
    """The file."""
    return f"---\n{dump_yaml(metadata)}---\n{text}" if metadata else text


def _read_template(text: str) -> PromptTemplate:
    if rest := _JINJA.search(_NAME.sub("", text)):
        raise InvalidInputError(
            f"Of Jinja2 only {{{{ name }}}} can be kept; this text has more, at {rest[0]!r}. Put values in whole.",
            ("content",),
        )
    roles: list[ChatRole] = []
    lines: list[list[str]] = [[]]
    for line in text.strip().split("\n"):
        if match := ROLE_LINE.match(line):
            roles.append(ChatRole(match[1].lower()))
            lines.append([line[match.end() :]])
        else:
            lines[-1].append(line)
    contents = [read_plain("\n".join(one).strip()) for one in lines]
    if not roles:
        return TextTemplate(contents[0])
    before = [ChatMessage(ChatRole.USER, contents[0])] if contents[0] else []
    return ChatTemplate((*before, *map(ChatMessage, roles, contents[1:])))


def _names(template: PromptTemplate) -> list[str]:
    texts = (
        [template.text]
        if isinstance(template, TextTemplate)
        else [part.content for part in template.parts if isinstance(part, ChatMessage)]
    )
    return [found.strip("{} ") for text in texts for found in _NAME.findall(text)]


def _write_template(template: PromptTemplate) -> str | None:
    if isinstance(template, TextTemplate):
        return write_plain(template.text)
    if not all(isinstance(part, ChatMessage) for part in template.parts):
        return None
    messages = [part for part in template.parts if isinstance(part, ChatMessage)]
    return "\n\n".join(f"{message.role.value.title()}: {write_plain(message.content)}".rstrip() for message in messages)


def read_variables(metadata: JSONObject) -> list[Variable]:
    """What the front matter says of variables, whether the text names them or not."""
    given = Fields(metadata).child("input")
    schema = (given.json("schema") if given else None) or {}
    defaults = (given.json("default") if given else None) or {}
    written = {key.removesuffix("?"): key for key in schema}
    written |= {name: name for name in defaults if name not in written}
    return [_read_variable(name, key, schema.get(key), defaults.get(name)) for name, key in written.items()]


def _read_variable(name: str, key: str, kind: Any, default: Any) -> Variable:
    """`name: type, description`. An optional text, `name?`, that nobody gives is the empty one there."""
    word, _, description = str(kind).partition(",")
    found = _TYPES.get(word.strip().lower(), VariableType.STRING)
    if default is None and key != name and found is VariableType.STRING:
        default = ""
    return Variable(name, found, description.strip() or None, None if default is None else compact_json(default))


def read_settings(metadata: JSONObject) -> ModelSettings | None:
    """The model and its parameters: every key but `input` and `output`, whose schema is the response's."""
    parameters = {name: value for name, value in metadata.items() if name not in _ASIDE}
    output = Fields(metadata).child("output")
    schema = output.json("schema") if output else None
    if schema and "response_format" not in parameters:
        parameters |= settings_to_parameters(ModelSettings(response_schema=schema))
    return settings_from_parameters(parameters)


def _write_input(variables: tuple[Variable, ...]) -> JSONObject:
    schema = {
        variable.name: _TYPE_NAMES.get(variable.type, "object")
        for variable in variables
        if variable.type is not VariableType.STRING
    }
    defaults: dict[str, Any] = {
        variable.name: json.loads(variable.default_value)
        for variable in variables
        if variable.default_value is not None
    }
    told = {**({"schema": schema} if schema else {}), **({"default": defaults} if defaults else {})}
    return {"input": told} if told else {}

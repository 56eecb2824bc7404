"""A prompt as a Markdown file: YAML front matter between two lines `---`, then the text, to the letter.

What follows the second `---` and its line break is the text, with every space, line break and `---` in it, and
no line break is added at the end. A chat stands in the front matter, as `chat`, a list of `role` and `content`
or of `placeholder`, and nothing follows. A variable is declared where there is more to say than its name:
`default` is its default's value; `defaultValue` is the default's JSON text, where that is written in a way of
its own.
"""

import json
import re
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.prompts import PromptDraft, VersionDraft, Visibility
from graph.domain.templates import (
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
    settings_to_json,
    template_to_json,
    variable_to_json,
)
from graph.exchange.content import is_plain_default, read_chat, read_settings, read_variables
from graph.exchange.entries import Snapshot
from graph.exchange.front_matter import dump_yaml, load_yaml
from graph.exchange.history import read_visibility
from graph.exchange.shapes import Fields

FENCE = "---\n"
FACTS = ("title", "description", "category", "tags", "metadata", "visibility")
_OPENED = re.compile(r"---[ \t]*\r?\n")
_HEAD = re.compile(r"---[ \t]*\r?\n(?P<yaml>.*?)(?<![^\n])---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def to_markdown(draft: PromptDraft) -> str:
    """The file's text."""
    body = draft.version.template.text if isinstance(draft.version.template, TextTemplate) else ""
    return FENCE + dump_yaml(_front_matter(draft)) + FENCE + body


def _front_matter(draft: PromptDraft) -> JSONObject:
    version = draft.version
    facts: dict[str, Any] = {
        "name": draft.name,
        "title": draft.title,
        "description": draft.description,
        "category": draft.category,
        "tags": list(draft.tags),
        "visibility": draft.visibility.value,
        "metadata": draft.metadata,
        "modelSettings": settings_to_json(version.model_settings) if version.model_settings else None,
        "variables": [_variable_to_yaml(one) for one in version.variables if _says_more(one)],
    }
    if not isinstance(version.template, TextTemplate):
        facts |= template_to_json(version.template)
    return {key: value for key, value in facts.items() if value not in (None, [], {})}


def _says_more(variable: Variable) -> bool:
    return variable not in (Variable(variable.name), Variable(variable.name, VariableType.MESSAGES))


def _variable_to_yaml(variable: Variable) -> JSONObject:
    facts = variable_to_json(variable)
    if variable.default_value is not None and is_plain_default(variable.default_value):
        facts["default"] = json.loads(facts.pop("defaultValue"))
    return facts


def has_front_matter(text: str) -> bool:
    """True when the text begins with front matter."""
    return _HEAD.match(text) is not None


def from_markdown(text: str, place: str, default_name: str, depth: int) -> Snapshot:
    """The file as a prompt; one without front matter is all text. Raises InvalidInputError.

    `depth` bounds the nesting of the YAML.
    """
    head = _HEAD.match(text)
    if head is None and _OPENED.match(text):
        raise InvalidInputError("The front matter is never closed: end it with a line `---`.")
    loaded = load_yaml(head["yaml"], depth, above=1) if head else None
    fields = Fields({} if loaded is None else loaded)
    given = frozenset(key for key in FACTS if key in fields)
    template = _read_template(fields, text[head.end() :] if head else text)
    draft = PromptDraft(
        name=fields.optional("name", str) or default_name,
        title=fields.optional("title", str),
        description=fields.optional("description", str),
        category=fields.optional("category", str),
        tags=fields.strings("tags"),
        metadata=fields.json("metadata") or {},
        visibility=read_visibility(fields) or Visibility.PRIVATE,
        version=VersionDraft(
            template,
            read_variables(fields),
            read_settings(fields.child("modelSettings")),
            fields.optional("changeNote", str),
        ),
    )
    fields.finish()
    return Snapshot(place, draft, follows=given)


def _read_template(fields: Fields, body: str) -> PromptTemplate:
    if "chat" not in fields:
        return TextTemplate(body)
    if body.strip():
        raise InvalidInputError("Give the chat in the front matter or a text below it, not both.", ("chat",))
    return read_chat(fields, "chat")

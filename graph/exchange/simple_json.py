"""Simple JSON objects, as people write them by hand or bring them from elsewhere.

Of the collections: `{"act", "prompt", "for_devs", "type", …}`, read exactly as a row of CSV. In our own words:
`{"name" or "title", "text" or "template" or "chat" or "messages", "description", "category", "tags", "metadata",
"visibility", "variables", "modelSettings", "changeNote"}`, whose text is kept to the letter; without a name it is
made of the title. Other keys are left out, and told.
"""

from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.prompts import PromptDraft, VersionDraft, Visibility
from graph.domain.rules import clean_title
from graph.domain.templates import PromptTemplate, TextTemplate
from graph.exchange.content import read_chat, read_settings, read_variables
from graph.exchange.csv_table import collected_prompt
from graph.exchange.entries import Snapshot
from graph.exchange.history import read_visibility
from graph.exchange.names import name_of_title
from graph.exchange.shapes import Fields

TEXTS = ("text", "template")
CHATS = ("chat", "messages")
TOLD_KEYS = 10


def read_simple(value: Any, place: str, limits: Limits) -> Snapshot:
    """The object as a prompt. Raises InvalidInputError."""
    fields = Fields(value)
    if "prompt" in fields:
        return _read_collected(value, fields, place, limits)
    name = fields.optional("name", str)
    title = fields.optional("title", str)
    template = _read_template(fields)
    draft = PromptDraft(
        name=name if name is not None else _name_of(title, limits),
        title=title,
        version=VersionDraft(
            template,
            read_variables(fields),
            read_settings(fields.child("modelSettings")),
            fields.optional("changeNote", str),
        ),
        description=fields.optional("description", str),
        category=fields.optional("category", str),
        tags=fields.strings("tags"),
        metadata=fields.json("metadata") or {},
        visibility=read_visibility(fields) or Visibility.PRIVATE,
    )
    return Snapshot(place, draft, notes=_left_out(fields))


def _read_collected(value: dict[str, Any], fields: Fields, place: str, limits: Limits) -> Snapshot:
    title_key = next((key for key in ("act", "title", "name") if key in fields), "act")
    row = {"act": fields.required(title_key, str), "prompt": fields.required("prompt", str)}
    row |= {key: cell for key, cell in value.items() if isinstance(cell, str) and key not in (title_key, *row)}
    if value.get("for_devs") is True:
        row["for_devs"] = "TRUE"
    taken = {*row, title_key, "for_devs"}
    left = Fields({key: item for key, item in value.items() if key not in taken})
    snapshot = collected_prompt(place, row, limits)
    return Snapshot(place, snapshot.draft, notes=(*snapshot.notes, *_left_out(left)))


def _name_of(title: str | None, limits: Limits) -> str:
    if title is None:
        raise InvalidInputError("A prompt needs a `name` or a `title`.", ("name",))
    return name_of_title(clean_title(title, limits) or "", limits)


def _read_template(fields: Fields) -> PromptTemplate:
    given = [key for key in (*TEXTS, *CHATS) if key in fields]
    if len(given) != 1:
        raise InvalidInputError("A prompt needs its text in `text`, `template` or `prompt`, or a `chat`: one of them.")
    if given[0] in TEXTS:
        return TextTemplate(fields.required(given[0], str))
    return read_chat(fields, given[0])


def _left_out(fields: Fields) -> tuple[str, ...]:
    keys = fields.left()
    return (f"Left out: {', '.join(repr(key[:60]) for key in keys[:TOLD_KEYS])}.",) if keys else ()

"""A Langfuse export: an array of versions of prompts, `{name, version, type, prompt, config, labels, tags, …}`.

Versions of one name are one prompt's history, and references become ours. `latest` is no label here, and `production`
is not set: what comes in goes live only when somebody says so, as with Langfuse's own import. What is Langfuse's own
(ids, projects) is left out.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.names import clean_label
from graph.domain.parameters import settings_from_parameters
from graph.domain.prompts import LATEST, PromptDraft, VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatPart,
    ChatTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    TextTemplate,
)
from graph.exchange.content import read_role
from graph.exchange.entries import Entry, Refused, Snapshot, refuse
from graph.exchange.json_lines import read_items
from graph.exchange.langfuse_references import read_text
from graph.exchange.shapes import Fields, read_time
from graph.exchange.source import SourceFile
from graph.exchange.text import refuse_nul
from graph.exchange.versions import Numbered, merge_versions
from graph.templating.foreign import shorten
from graph.templating.parser import parse
from graph.templating.plain import read_plain

PRODUCTION = "production"
SIGNS = frozenset(("config", "labels", "commitMessage", "projectId", "isActive", "resolutionGraph"))
_OWN = frozenset(("id", "projectId", "createdBy", "updatedAt", "isActive", "resolutionGraph", "createdAt"))
_REFERENCE = re.compile(r"@@@langfusePrompt:.*?@@@")


def looks_like_langfuse(value: Any) -> bool:
    """True for an item that has a name, a prompt, and something that only Langfuse has."""
    if not isinstance(value, dict) or "name" not in value or "prompt" not in value:
        return False
    return isinstance(value["prompt"], list) or bool(SIGNS & value.keys())


def read_langfuse_export(sources: Sequence[SourceFile], limits: Limits) -> list[Entry]:
    """Each prompt of the array, in the order of their first versions. Raises UnusableFileError with the line."""
    (source,) = sources
    refuse_nul(source.text)
    entries: list[Entry] = []
    versions: dict[str, list[Numbered]] = {}
    broken: set[str] = set()
    for number, (line, value) in enumerate(read_items(source.text), start=1):
        place = f"item {number}, {line}"
        name = value.get("name") if isinstance(value, dict) else None
        try:
            so_far = len(versions.get(name, ())) if isinstance(name, str) else 0
            read = _read_version(place, value, so_far + 1, source.modified, limits)
            versions.setdefault(read.snapshot.name, []).append(read)
        except InvalidInputError as error:
            entries.append(refuse(place, error, name if isinstance(name, str) else None))
            broken |= {name} if isinstance(name, str) else set()
    for name, group in versions.items():
        entries += _merge(name, group, name in broken)
    return entries


def _merge(name: str, group: list[Numbered], is_broken: bool) -> list[Entry]:
    if is_broken:
        # Half a history would be numbered differently on the next import.
        return [Refused(group[0].snapshot.place, "Another version of this prompt was refused.", name)]
    numbers = [one.number for one in group]
    if len(set(numbers)) < len(numbers):
        return [Refused(group[0].snapshot.place, "Two versions of this prompt have one number.", name)]
    return merge_versions(group)


def _read_version(place: str, value: Any, number: int, modified: datetime, limits: Limits) -> Numbered:
    fields = Fields(value)
    notes: list[str] = []
    template = _read_template(fields, notes)
    config = fields.optional("config", object)
    if not isinstance(config, dict | None):
        notes.append(f"The config {shorten(repr(config))} is no object, and is left out.")
        config = None
    draft = PromptDraft(
        name=fields.required("name", str),
        version=VersionDraft(
            template,
            model_settings=settings_from_parameters(config or {}),
            change_note=fields.optional("commitMessage", str),
        ),
        tags=fields.strings("tags"),
    )
    labels = _read_labels(fields, notes)
    version = fields.optional("version", int)
    made = value.get("createdAt")
    time = read_time(made, ("createdAt",)) if isinstance(made, str) else modified
    if others := [key for key in fields.left() if key not in _OWN]:
        notes.append(f"Left out: {', '.join(repr(key[:60]) for key in others[:10])}.")
    follows = frozenset(("tags",)) if draft.tags else frozenset[str]()
    snapshot = Snapshot(place, draft, follows, tuple(notes), labels)
    return Numbered(version if version is not None else number, time, snapshot)


def _read_labels(fields: Fields, notes: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for label in dict.fromkeys(fields.strings("labels")):
        if label == PRODUCTION:
            notes.append("The label 'production' is not set: set it when this is to go live.")
        elif label != LATEST:
            try:
                kept.append(clean_label(label))
            except InvalidInputError as error:
                notes.append(f"The label {label[:60]!r} is not set: {error.message}")
    return tuple(kept)


def _read_template(fields: Fields, notes: list[str]) -> PromptTemplate:
    kind = fields.optional("type", str)
    is_chat = kind == "chat" if kind else isinstance(fields.peek("prompt"), list)
    if kind not in (None, "text", "chat"):
        raise InvalidInputError("A prompt's type is text or chat.", ("type",))
    if is_chat:
        return ChatTemplate(tuple(_read_part(part, notes) for part in fields.objects("prompt")))
    return TextTemplate(_read_text(fields.required("prompt", str), "", notes))


def _read_part(fields: Fields, notes: list[str]) -> ChatPart:
    where = f"message {int(fields.path[-1]) + 1}, "
    part: ChatPart
    if fields.optional("type", str) == "placeholder":
        part = MessagesPlaceholder(fields.required("name", str))
    else:
        role = read_role(fields.required("role", str), fields.path)
        part = ChatMessage(role, _read_text(fields.required("content", str), where, notes))
    if others := fields.left():
        notes.append(f"{where}left out: {', '.join(repr(key[:60]) for key in others[:10])}.")
    return part


def _read_text(text: str, where: str, notes: list[str]) -> str:
    template = read_text(text, ("prompt",))
    for found in _REFERENCE.finditer(template):
        line = template.count("\n", 0, found.start()) + 1
        notes.append(f"{where}line {line} of its text: `{shorten(found[0])}`: a reference is not kept; it is text.")
    for warning in parse(read_plain(text)).warnings:
        notes.append(f"{where}line {warning.line} of its text: `{{{{`: {warning.message}")
    return template

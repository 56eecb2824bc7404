"""What a Langfuse client sends, in the domain's words. Raises InvalidInputError with the path of the field at fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.names import Path
from graph.domain.parameters import settings_from_parameters
from graph.domain.prompts import LATEST, VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatPart,
    ChatTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    TemplateKind,
    TextTemplate,
)
from graph.exchange.content import read_role
from graph.exchange.langfuse_references import read_text
from graph.exchange.shapes import Fields

PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What is to be published; `tags` None leaves them as they are."""

    name: str
    draft: VersionDraft
    labels: tuple[str, ...]
    tags: tuple[str, ...] | None


def read_new_version(body: Any) -> NewVersion:
    """The body of a create. A text comes without a type from Python; `latest` goes without saying."""
    fields = Fields(body)
    labels = [label for label in fields.strings("labels") if label != LATEST]
    if fields.optional("isActive", bool):
        labels.append(PRODUCTION)
    tags = fields.strings("tags") if "tags" in fields and body["tags"] is not None else None
    draft = VersionDraft(
        template=_read_template(fields),
        model_settings=settings_from_parameters(fields.json("config") or {}),
        change_note=fields.optional("commitMessage", str),
    )
    return NewVersion(fields.required("name", str), draft, tuple(labels), tags)


def read_new_labels(body: Any) -> tuple[str, ...]:
    """The body of a change of labels."""
    fields = Fields(body)
    if "newLabels" not in fields:
        raise InvalidInputError("This is missing.", ("newLabels",))
    return fields.strings("newLabels")


@contextmanager
def in_their_words(labels: str = "labels") -> Iterator[None]:
    """Errors about a field of ours name the one that the client sent; `labels` is where it sent those."""
    try:
        yield
    except InvalidInputError as error:
        error.path = _their_path(error.path, labels)
        raise


def _their_path(path: Path | None, labels: str) -> Path | None:
    match path:
        case ("labels", *rest):
            return (labels, *rest)
        case ("template", "text"):
            return ("prompt",)
        case ("template", "chat", part, "placeholder", *_):
            return ("prompt", part, "name")
        case ("template", "chat", part, "message", *rest):
            return ("prompt", part, *rest)
        case ("template", "chat", *rest):
            return ("prompt", *rest)
        case ("modelSettings", *_):
            return ("config",)
        case ("changeNote",):
            return ("commitMessage",)
    return path


def _read_template(fields: Fields) -> PromptTemplate:
    kind = fields.optional("type", str) or TemplateKind.TEXT.value
    if kind == TemplateKind.TEXT.value:
        return TextTemplate(read_text(fields.required("prompt", str), (*fields.path, "prompt")))
    if kind == TemplateKind.CHAT.value:
        return ChatTemplate(tuple(_read_part(part) for part in fields.objects("prompt")))
    raise InvalidInputError("A prompt's type is text or chat.", ("type",))


def _read_part(fields: Fields) -> ChatPart:
    part: ChatPart
    kind = fields.optional("type", str)
    if kind == "placeholder":
        part = MessagesPlaceholder(fields.required("name", str))
    elif kind not in (None, "chatmessage"):
        raise InvalidInputError("A part of a chat is of the type chatmessage or placeholder.", (*fields.path, "type"))
    else:
        role, content = fields.required("role", str), fields.required("content", str)
        part = ChatMessage(read_role(role, fields.path), read_text(content, (*fields.path, "content")))
    fields.finish()
    return part

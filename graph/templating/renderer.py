"""Puts values into a template: in one pass, and counted before anything is joined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.templates import (
    ChatMessage,
    ChatTemplate,
    Content,
    MessagesPlaceholder,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.templating.parser import ParsedText, Reference, Slot, parse
from graph.templating.values import read_default, read_messages, write_value


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template filled in. What is missing stays in the texts as it was written, and leaves a placeholder empty.

    `missing` is in order of first use; `unused` are names that were given and that the template does not use.
    """

    content: str | tuple[ChatMessage, ...]
    missing: tuple[Variable, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """The values of one rendering, checked: the texts for variables and the messages for placeholders."""

    texts: Mapping[str, str]
    messages: Mapping[str, tuple[ChatMessage, ...]]
    missing: tuple[Variable, ...]


def render(content: Content, values: Mapping[str, Any], limits: Limits) -> Rendered:
    """The content with `values` in it, by name. Unknown names are told, not refused, and not looked at.

    Raises InvalidVariableError when a value does not fit its variable, and InvalidInputError, before
    anything is joined, when the result would have more than `limits.rendered_bytes` bytes.
    """
    filling = fill(content.variables, values, limits)
    known = {variable.name for variable in content.variables}
    unused = tuple(name for name in values if name not in known)
    template = content.template
    if isinstance(template, TextTemplate):
        parsed = parse(template.text)
        _check_size(rendered_size([parsed], filling), limits)
        return Rendered(_join(parsed, filling), filling.missing, unused)
    return Rendered(_render_chat(template, filling, limits), filling.missing, unused)


def fill(variables: Iterable[Variable], values: Mapping[str, Any], limits: Limits) -> Filling:
    """Checks the values of all variables and writes each once, however often it is used."""
    texts: dict[str, str] = {}
    messages: dict[str, tuple[ChatMessage, ...]] = {}
    missing: list[Variable] = []
    for variable in variables:
        if variable.name in values:
            value = values[variable.name]
        elif variable.default_value is not None:
            value = read_default(variable, limits)
        else:
            missing.append(variable)
            continue
        if variable.type is VariableType.MESSAGES:
            messages[variable.name] = read_messages(variable, value, limits)
        else:
            texts[variable.name] = write_value(variable, value, limits)
    return Filling(texts, messages, tuple(missing))


def rendered_size(texts: Iterable[ParsedText], filling: Filling) -> int:
    """How many bytes the texts will have in UTF-8, without joining them."""
    sizes = {name: _size(text) for name, text in filling.texts.items()}
    total = 0
    for parsed in texts:
        for piece in parsed.pieces:
            if isinstance(piece, Slot):
                # A slot's source is ASCII.
                total += sizes.get(piece.name, len(piece.source))
            else:
                total += _size(piece.source if isinstance(piece, Reference) else piece)
    return total


def _render_chat(template: ChatTemplate, filling: Filling, limits: Limits) -> tuple[ChatMessage, ...]:
    parsed = {index: parse(part.content) for index, part in enumerate(template.parts) if isinstance(part, ChatMessage)}
    spliced = {name: sum(_size(message.content) for message in given) for name, given in filling.messages.items()}
    placeholders = [part.name for part in template.parts if isinstance(part, MessagesPlaceholder)]
    count = len(parsed) + sum(len(filling.messages.get(name, ())) for name in placeholders)
    if count > limits.messages:
        raise InvalidInputError(
            f"A chat has at most {limits.messages} messages; this would have {count}.", ("variables",)
        )
    _check_size(rendered_size(parsed.values(), filling) + sum(spliced.get(name, 0) for name in placeholders), limits)
    messages: list[ChatMessage] = []
    for index, part in enumerate(template.parts):
        if isinstance(part, ChatMessage):
            messages.append(ChatMessage(part.role, _join(parsed[index], filling)))
        else:
            messages += filling.messages.get(part.name, ())
    return tuple(messages)


def _join(parsed: ParsedText, filling: Filling) -> str:
    texts = filling.texts
    return "".join(
        [
            piece
            if isinstance(piece, str)
            else texts.get(piece.name, piece.source)
            if isinstance(piece, Slot)
            else piece.source
            for piece in parsed.pieces
        ]
    )


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.rendered_bytes:
        raise InvalidInputError(
            f"The rendering would have {size:,} bytes; at most {limits.rendered_bytes:,} are allowed.", ("variables",)
        )

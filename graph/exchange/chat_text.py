"""Chats that stand in one text, divided by lines or by marks. They are divided before any value is put in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graph.domain.templates import ChatMessage, ChatPart, ChatRole, MessagesPlaceholder
from graph.exchange.account import Account
from graph.templating.foreign import ForeignText, MarkKind

HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Boundary:
    """`source[start:end]` is no text; behind it speaks `role`, after the messages of `placeholder` where it is one."""

    start: int
    end: int
    role: ChatRole | None = None
    placeholder: str | None = None


def line_boundaries(text: ForeignText, pattern: re.Pattern[str], account: Account) -> list[Boundary]:
    """Lines that begin a message, `pattern`'s first group being the role. In a condition or a loop they stay text."""
    found = []
    for match in pattern.finditer(text.source):
        if text.is_free(match.start()):
            found.append(Boundary(match.start(), match.end(), ChatRole(match[1].lower())))
        else:
            line = account.document.line_of(match.start(1))
            account.tell(line, f"`{match[0].strip()}`", "a message that is there on a condition is not kept")
    return found


def mark_boundaries(text: ForeignText, after_history: ChatRole | None = None) -> list[Boundary]:
    """The marks; behind earlier messages speaks `after_history`, or who spoke before them."""
    return [
        Boundary(span.start, span.end, ChatRole(mark.value))
        if mark.kind is MarkKind.ROLE
        else Boundary(span.start, span.end, after_history, mark.value or HISTORY)
        for span, mark in text.marks()
    ]


def build_chat(
    text: ForeignText,
    boundaries: Sequence[Boundary],
    first: ChatRole,
    trim: str | None = None,
    keeps_empty: bool = False,
) -> tuple[ChatPart, ...]:
    """The parts. What is before the first boundary is said by `first`; `trim` is what goes at a message's ends.

    A message of nothing but white space is none, but one that a role was written for stays with `keeps_empty`.
    """
    parts: list[ChatPart] = []
    role, start, is_named = first, 0, False
    for boundary in (*sorted(boundaries, key=lambda one: one.start), None):
        end = boundary.start if boundary else len(text.source)
        content = text.template(*_trimmed(text.source, start, end, trim))
        if content.strip() or (keeps_empty and is_named):
            parts.append(ChatMessage(role, content))
        if boundary is None:
            break
        if boundary.placeholder is not None:
            parts.append(MessagesPlaceholder(boundary.placeholder))
        role, start = boundary.role or role, boundary.end
        is_named = boundary.placeholder is None
    return tuple(parts)


def _trimmed(source: str, start: int, end: int, trim: str | None) -> tuple[int, int]:
    if trim is None:
        return start, end
    piece = source[start:end]
    if not piece.strip(trim):
        return end, end
    return start + len(piece) - len(piece.lstrip(trim)), end - (len(piece) - len(piece.rstrip(trim)))

"""Covers what was found, for those who only look: the version itself stays as it is."""

import json
from collections.abc import Collection
from dataclasses import replace

from graph.checks.examiner import find_all_spans, readable_default
from graph.domain.findings import FindingKind
from graph.domain.templates import (
    ChatMessage,
    ChatPart,
    ChatTemplate,
    Content,
    PromptTemplate,
    TextTemplate,
    Variable,
    VariableType,
)


def redact_content(content: Content, kinds: Collection[FindingKind]) -> Content:
    """The content with all that is found of these kinds covered, in its template and in its defaults.

    A default that is no longer of its variable's type becomes a string.
    """
    return replace(
        content,
        template=_redact_template(content.template, kinds),
        variables=tuple(_redact_default(variable, kinds) for variable in content.variables),
    )


def redact_text(text: str, kinds: Collection[FindingKind]) -> str:
    """The text with `[redacted: <kind>]` in the places of what is found of these kinds, however much it is.

    No finding reaches into a `{{variable}}`, and what is put there begins none.
    """
    pieces: list[str] = []
    position = 0
    # Also what begins in another finding is looked at: it may end after it.
    for span in sorted(find_all_spans(text, kinds)):
        if span.start >= position:
            pieces += (text[position : span.start], cover(span.kind))
        position = max(position, span.end)
    return "".join([*pieces, text[position:]])


def cover(kind: FindingKind) -> str:
    """What stands in the place of a finding."""
    return f"[redacted: {kind.value.replace('_', ' ')}]"


def _redact_template(template: PromptTemplate, kinds: Collection[FindingKind]) -> PromptTemplate:
    if isinstance(template, TextTemplate):
        return TextTemplate(redact_text(template.text, kinds))
    return ChatTemplate(tuple(_redact_part(part, kinds) for part in template.parts))


def _redact_part(part: ChatPart, kinds: Collection[FindingKind]) -> ChatPart:
    return replace(part, content=redact_text(part.content, kinds)) if isinstance(part, ChatMessage) else part


def _redact_default(variable: Variable, kinds: Collection[FindingKind]) -> Variable:
    if variable.default_value is None:
        return variable
    default = readable_default(variable.default_value)
    redacted = redact_text(default, kinds)
    if redacted == default:
        return variable
    if variable.type is VariableType.MESSAGES:
        return replace(variable, default_value="[]")
    return replace(variable, type=VariableType.STRING, default_value=json.dumps(redacted, ensure_ascii=False))

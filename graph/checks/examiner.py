"""Examines all texts of a version, and tells where in them something was found."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from graph.checks.hidden_characters import find_hidden_characters
from graph.checks.personal_data import find_personal_data
from graph.checks.rules import Span
from graph.checks.scripts import find_scripts
from graph.checks.secrets import find_secrets
from graph.domain.findings import Examination, Finding, FindingKind
from graph.domain.json_values import compact_json
from graph.domain.templates import ChatMessage, Content, PromptTemplate, TextTemplate, settings_to_json

CHECKER = 1
"""Grows with every change to what is found, so that what was examined before is examined again."""

_FINDERS: Mapping[FindingKind, Callable[[str], Iterator[Span]]] = {
    FindingKind.SECRET: find_secrets,
    FindingKind.PERSONAL_DATA: find_personal_data,
    FindingKind.SCRIPT: find_scripts,
    FindingKind.HIDDEN_CHARACTERS: find_hidden_characters,
}


@dataclass(frozen=True, slots=True)
class Place:
    """One text of a version and where it stands, as in `Finding.path`."""

    path: tuple[str, ...]
    text: str


def examine(content: Content, change_note: str | None, most: int) -> Examination:
    """What is in the texts: of each kind the first `most`, or one at least, so that many of one hide no other."""
    left = Counter(dict.fromkeys(FindingKind, max(most, 1)))
    findings: list[Finding] = []
    for place in _places(content, change_note):
        spans: list[Span] = []
        for kind in FindingKind:
            found = list(islice(find_spans(place.text, (kind,)), left[kind]))
            left[kind] -= len(found)
            spans += found
        findings += _locate(place, sorted(spans))
    return Examination(CHECKER, tuple(findings))


def find_spans(text: str, kinds: Collection[FindingKind]) -> Iterator[Span]:
    """The spans of these kinds, kind by kind; what lies in one of its own kind that was told already is left out."""
    for kind in kinds:
        told: set[int] = set()
        for span in find_all_spans(text, (kind,)):
            if span.start not in told:
                told.update(range(span.start, span.end))
                yield span


def find_all_spans(text: str, kinds: Collection[FindingKind]) -> Iterator[Span]:
    """The same with those that lie in others or begin there, by which more may be covered than by one of them."""
    for kind in kinds:
        yield from _FINDERS[kind](text)


def readable_default(default: str) -> str:
    """A default as it will be read: a string without its quotes and escapes, anything else as compact JSON."""
    value = json.loads(default)
    return value if isinstance(value, str) else compact_json(value)


def _places(content: Content, change_note: str | None) -> Iterator[Place]:
    yield from _template_places(content.template)
    for index, variable in enumerate(content.variables):
        path = ("variables", str(index))
        if variable.description:
            yield Place((*path, "description"), variable.description)
        if variable.default_value is not None:
            yield Place((*path, "defaultValue"), readable_default(variable.default_value))
    if content.model_settings:
        yield Place(("modelSettings",), compact_json(settings_to_json(content.model_settings)))
    if change_note:
        yield Place(("changeNote",), change_note)


def _template_places(template: PromptTemplate) -> Iterator[Place]:
    if isinstance(template, TextTemplate):
        yield Place(("template", "text"), template.text)
        return
    for index, part in enumerate(template.parts):
        if isinstance(part, ChatMessage):
            yield Place(("template", "chat", str(index), "message", "content"), part.content)


def _locate(place: Place, spans: list[Span]) -> Iterator[Finding]:
    """Counts lines from one span to the next, so that each character is passed once."""
    line, begin, position = 1, 0, 0
    for span in spans:
        if breaks := place.text.count("\n", position, span.start):
            line += breaks
            begin = place.text.rindex("\n", position, span.start) + 1
        position = span.start
        yield Finding(
            span.kind, span.rule, span.severity, place.path, line, span.start - begin + 1, span.end - span.start
        )

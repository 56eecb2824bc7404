"""A rule: what a kind of token looks like, and how one is told from what only looks like it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from graph.domain.findings import FindingKind, Severity


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in one text: half-open, in code points."""

    start: int
    end: int
    rule: str
    kind: FindingKind
    severity: Severity


def _always(match: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """What matches `pattern` and is accepted. Only the group `found` is told, where the pattern has one.

    `needles` are texts, in lower case where the pattern ignores it, of which a match has at least one: to look for
    those first is a hundred times quicker. A pattern is quick when it begins with a character, what may not stand
    before that being said after it.
    """

    name: str
    kind: FindingKind
    severity: Severity
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] = _always

    def find(self, text: str, lowered: str) -> Iterator[Span]:
        """The spans, in order, one by one; `lowered` is the text in lower case."""
        searched = lowered if self.pattern.flags & re.IGNORECASE else text
        if self.needles and not any(needle in searched for needle in self.needles):
            return
        group = "found" if "found" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if self.accepts(match):
                yield Span(match.start(group), match.end(group), self.name, self.kind, self.severity)


def find_all(rules: Iterable[Rule], text: str) -> Iterator[Span]:
    """The spans of all rules, rule by rule."""
    lowered = text.lower()
    for rule in rules:
        yield from rule.find(text, lowered)

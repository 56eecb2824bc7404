"""Jinja2, as LiteLLM's files and Prompty's have it.

`{{ name }}` is a variable, `{% raw %}` gives its inside as it stands, and a comment is left out. All else, from
conditions to filters, is text, and so is every name that a loop, a `set` or a macro has given another meaning.
"""

import re
from dataclasses import dataclass, field

from graph.templating.foreign import ForeignText, Loss, Span, shorten
from graph.templating.parser import Slot

_INSIDE = r"(?:\"(?:[^\"\\]|\\.){0,300}+\"|'(?:[^'\\]|\\.){0,300}+'|(?!{end})[^\"'])"
_VALUE = re.compile(r"\{\{(" + _INSIDE.replace("{end}", r"\}\}") + r"{0,300}+)\}\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%[-+]?(" + _INSIDE.replace("{end}", r"[-+]?%\}") + r"{0,300}+)[-+]?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_RAW = re.compile(r"\{%\s*+raw\s*+%\}(.*?)\{%\s*+endraw\s*+%\}", re.DOTALL)
_OPENING = re.compile(r"\{[{%#]")
_NAME = re.compile(r"\s*+([A-Za-z_][A-Za-z0-9_]*+)\s*+")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_WORDS = frozenset(("true", "false", "none", "True", "False", "None", "loop", "self", "super", "caller", "varargs"))
# In these a name may mean something of theirs.
_SCOPES = frozenset(("macro", "call", "filter", "with", "trans", "autoescape", "raw"))
_BLOCKS = _SCOPES | {"if", "for", "block"}
_NAMES_END = {"set": "=", "macro": "("}
_REASONS = {
    "if": "a condition is not kept",
    "for": "a loop is not kept",
    "include": "a partial is not kept",
    "import": "a partial is not kept",
    "from": "a partial is not kept",
    "extends": "a partial is not kept",
}


def read_jinja(source: str) -> ForeignText:
    """The text taken apart."""
    scan = _Scan(source)
    position = 0
    while match := _OPENING.search(source, position):
        position = scan.read(match.start())
    return scan.finish()


@dataclass(slots=True)
class _Scan:
    """One reading: what was found, the blocks that are open with the names they bind, and what `set` has bound."""

    source: str
    spans: list[Span] = field(default_factory=list)
    blocks: list[tuple[int, int]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    open: list[tuple[int, str, frozenset[str]]] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    last_value: int = field(init=False)
    last_statement: int = field(init=False)
    last_comment: int = field(init=False)
    last_raw: int = field(init=False)

    def __post_init__(self) -> None:
        # Behind the last closing braces nothing is closed, and need not be looked at.
        self.last_value, self.last_statement = self.source.rfind("}}"), self.source.rfind("%}")
        self.last_comment, self.last_raw = self.source.rfind("#}"), self.source.rfind("endraw")

    def read(self, opening: int) -> int:
        """Reads the tag at `opening`; returns where to go on."""
        if opening < self.last_raw and (raw := _RAW.match(self.source, opening)):
            self.spans.append(Span(*raw.span(), raw[1]))
            return raw.end()
        if opening < self.last_comment and (comment := _COMMENT.match(self.source, opening)):
            self._lose(opening, comment.end(), "a comment is left out")
            self.spans.append(Span(*comment.span(), ""))
            return comment.end()
        if opening < self.last_value and (value := _VALUE.match(self.source, opening)):
            self._take_value(value)
            return value.end()
        if opening < self.last_statement and (statement := _STATEMENT.match(self.source, opening)):
            self._take_statement(statement)
            return statement.end()
        self._lose(opening, opening + 2, "it is not closed")
        return opening + 2

    def finish(self) -> ForeignText:
        """What was found. A block that is never closed goes to the end."""
        if self.open:
            self.blocks.append((self.open[0][0], len(self.source)))
        return ForeignText(self.source, tuple(self.spans), tuple(self.blocks), tuple(self.losses))

    def _take_value(self, match: re.Match[str]) -> None:
        name = _NAME.fullmatch(match[1])
        if name is None or name[1] in _WORDS:
            self._lose(match.start(), match.end(), "this expression is not kept: only {{ name }} is")
        elif not self._is_bound(name[1]):
            self.spans.append(Span(match.start(), match.end(), Slot(name[1], match[0])))

    def _is_bound(self, name: str) -> bool:
        return name in self.bound or any(kind in _SCOPES or name in names for _, kind, names in self.open)

    def _take_statement(self, match: re.Match[str]) -> None:
        kind, _, rest = match[1].strip().partition(" ")
        if kind.startswith("end"):
            self._close(kind.removeprefix("end"), match)
        elif kind in ("else", "elif") and self.open:
            return
        elif kind in ("else", "elif"):
            self._lose(match.start(), match.end(), "it stands in no condition")
        else:
            self._lose(match.start(), match.end(), _REASONS.get(kind, f"the statement {shorten(kind)!r} is not kept"))
            names = frozenset(_IDENTIFIER.findall(rest.partition(" in ")[0])) if kind == "for" else frozenset()
            is_block = kind in _BLOCKS or (kind == "set" and "=" not in rest)
            if kind in ("set", "import", "from", "macro"):
                self.bound |= set(_IDENTIFIER.findall(rest.partition(_NAMES_END.get(kind, "\0"))[0]))
            if is_block:
                self.open.append((match.start(), kind, names))

    def _close(self, kind: str, match: re.Match[str]) -> None:
        if not any(one[1] == kind for one in self.open):
            self._lose(match.start(), match.end(), "it closes no block that is known here")
            return
        while self.open:
            start, closed, _ = self.open.pop()
            if not self.open:
                self.blocks.append((start, match.end()))
            if closed == kind:
                return

    def _lose(self, start: int, end: int, why: str) -> None:
        self.losses.append(Loss(start, shorten(self.source[start:end]), why))

"""The notation of templates, read in one pass and in linear time.

- `{{name}}` is a variable. Spaces may stand around the name, which is `[A-Za-z_][A-Za-z0-9_.-]*`.
- `{{> selector}}` includes another prompt; the selector is as `graph/domain/selectors.py` reads it, on one line and
  without braces, spaces around it left out.
- In a run of braces the last two open: `{{{x}}}` is a brace, the variable, a brace.
- Backslashes directly before `{{` count in pairs, as in most languages: an odd one makes `{{` literal
  (`\\{{`), and before a variable each pair is one backslash (`\\\\{{x}}`).
- Everything else is text and stays as it is, a backslash too. A `{{` that opens no variable is text as
  well, and a warning tells where it stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

REMEMBERED = 1_024  # texts in production are rendered over and over; those of so many characters take 8 MiB at most
REMEMBERED_LENGTH = 4_096
WARNINGS_TOLD = 100  # a text of nothing but braces must not make an answer larger than itself

# Possessive, so that no text makes the engine go back over it.
_VARIABLE = re.compile(r"\{\{ *+([A-Za-z_][A-Za-z0-9_.-]*+) *+\}\}")
_REFERENCE = re.compile(r"\{\{> *+([^ {}|\x00-\x1f\x7f][^{}|\x00-\x1f\x7f]*+)\}\}")
_BRACES = re.compile(r"\{++")
_ESCAPED = re.compile(r"(?<!\\)(\\*+)(\{\{++)")
_TRAILING = re.compile(r"(?<!\\)(\\++)(\{?+)\Z")
_BLANK_AROUND = re.compile(r"\{\{\s*+[A-Za-z_][A-Za-z0-9_.-]*+\s*+\}\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a variable's value. `source` is how it was written, braces and all."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A place for another prompt's text. `source` is how it was written; `line` starts at 1."""

    selector: str
    source: str
    line: int


Piece = str | Slot | Reference


@dataclass(frozen=True, slots=True)
class TemplateWarning:
    """Text that looks like a slip. `line` and `column` start at 1 and count code points; `part` is of a chat's."""

    message: str
    line: int
    column: int
    part: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedText:
    """Texts, none of them empty and no two in a row, and the slots and references between them."""

    pieces: tuple[Piece, ...]
    warnings: tuple[TemplateWarning, ...] = ()


def parse(text: str) -> ParsedText:
    """The pieces of `text`. Every text is valid; of its warnings at most the first hundred are told."""
    return _parse_once(text) if len(text) <= REMEMBERED_LENGTH else _parse(text)


def _parse(text: str) -> ParsedText:
    scan = _Scan(text)
    position = 0
    while (opening := text.find("{{", position)) >= 0:
        position = scan.read_braces(position, opening)
    scan.literal.append(text[position:])
    scan.end_literal()
    return ParsedText(tuple(scan.pieces), tuple(scan.warnings))


_parse_once = lru_cache(REMEMBERED)(_parse)


class _Scan:
    """One reading of one text: the pieces so far, and the literal text since the last slot."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[Piece] = []
        self.literal: list[str] = []
        self.warnings: list[TemplateWarning] = []
        self._line = 1
        self._line_start = 0
        self._counted = 0

    def read_braces(self, start: int, opening: int) -> int:
        """Reads from `start` over the `{{` at `opening`; returns where to go on."""
        text = self.text
        before = text[start:opening]
        kept = before.rstrip("\\")
        slashes = len(before) - len(kept)
        if slashes % 2:
            self.literal += (kept, "\\" * (slashes // 2), "{{")
            return opening + 2
        match = _match(text, opening)
        if match is None and text.startswith("{", opening + 2):
            match = _match(text, self._end_of_braces(opening) - 2)
        if match is None:
            end = self._end_of_braces(opening)
            self._warn(end - 2)
            self.literal.append(text[start:end])
            return end
        self.literal += (kept, "\\" * (slashes // 2), text[opening : match.start()])
        self.end_literal()
        self.pieces.append(self._read(match))
        return match.end()

    def _read(self, match: re.Match[str]) -> Slot | Reference:
        if match.re is _VARIABLE:
            return Slot(match[1], match[0])
        self._count_lines(match.start())
        return Reference(match[1].rstrip(" "), match[0], self._line)

    def end_literal(self) -> None:
        """Makes one piece of the literal text so far, unless there is none."""
        if literal := "".join(self.literal):
            self.pieces.append(literal)
        self.literal.clear()

    def _end_of_braces(self, opening: int) -> int:
        match = _BRACES.match(self.text, opening)
        return match.end() if match else opening

    def _warn(self, opening: int) -> None:
        if len(self.warnings) == WARNINGS_TOLD:
            return
        self._count_lines(opening)
        message = _explain(self.text, opening)
        self.warnings.append(TemplateWarning(message, self._line, opening - self._line_start + 1))

    def _count_lines(self, upto: int) -> None:
        line_breaks = self.text.count("\n", self._counted, upto)
        if line_breaks:
            self._line += line_breaks
            self._line_start = self.text.rfind("\n", self._counted, upto) + 1
        self._counted = upto


def _match(text: str, opening: int) -> re.Match[str] | None:
    """The variable or the reference that opens there."""
    found = _VARIABLE.match(text, opening)
    if found is None and text.startswith(">", opening + 2):
        found = _REFERENCE.match(text, opening)
    return found


def _explain(text: str, opening: int) -> str:
    """Why the `{{` opens no variable. Looks ahead no further than a name could go."""
    ahead = text[opening : opening + 200]
    if _BLANK_AROUND.match(ahead):
        return "Kept as text: only spaces may stand between the braces and a variable's name."
    if ahead.startswith("{{>"):
        return "Kept as text: write `{{> name}}` to include another prompt, or `\\{{>` if it is meant so."
    closing, next_opening = ahead.find("}}", 2), ahead.find("{{", 2)
    if closing < 0 or 0 <= next_opening < closing:
        return "Kept as text: this `{{` is not closed by `}}`. Write `\\{{` if it is meant so."
    return (
        "Kept as text: a variable's name starts with a letter or `_` and goes on with letters, digits, "
        "`_`, `.` and `-`. Write `\\{{` if it is meant so."
    )


def escape(text: str) -> str:
    """The template that reads back as exactly `text`, with no variable and no warning."""
    return _ESCAPED.sub(_escape_run, text)


def _escape_run(match: re.Match[str]) -> str:
    slashes, braces = match[1], match[2]
    pairs, odd = divmod(len(braces), 2)
    if slashes:
        # The backslashes belong to the first two braces; the odd one comes last, where it opens nothing.
        return slashes * 2 + "\\{{" * pairs + "{" * odd
    return "{" * odd + "\\{{" * pairs


def write(pieces: Iterable[Piece]) -> str:
    """The inverse of `parse`: the template of which these are the pieces. Texts in a row are taken for one."""
    written: list[str] = []
    literal: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            literal.append(piece)
            continue
        # Before braces that open something, each backslash is written twice.
        written += (_TRAILING.sub(_double, escape("".join(literal))), piece.source)
        literal.clear()
    return "".join((*written, escape("".join(literal))))


def _double(match: re.Match[str]) -> str:
    return match[1] * 2 + match[2]

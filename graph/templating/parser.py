"""The notation of templates, read in one pass and in linear time.

- `{{name}}` is a variable. Spaces may stand around the name, which is `[A-Za-z_][A-Za-z0-9_.-]*`.
- In a run of braces the last two open: `{{{x}}}` is a brace, the variable, a brace.
- Backslashes directly before `{{` count in pairs, as in most languages: an odd one makes `{{` literal
  (`\\{{`), and before a variable each pair is one backslash (`\\\\{{x}}`).
- Everything else is text and stays as it is, a backslash too. A `{{` that opens no variable is text as
  well, and a warning tells where it stands.
"""

import re
from dataclasses import dataclass

WARNINGS_TOLD = 100  # a text of nothing but braces must not make an answer larger than itself

# Possessive, so that no text makes the engine go back over it.
_VARIABLE = re.compile(r"\{\{ *+([A-Za-z_][A-Za-z0-9_.-]*+) *+\}\}")
_BRACES = re.compile(r"\{++")
_ESCAPED = re.compile(r"(?<!\\)(\\*+)(\{\{++)")
_BLANK_AROUND = re.compile(r"\{\{\s*+[A-Za-z_][A-Za-z0-9_.-]*+\s*+\}\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a variable's value. `source` is how it was written, braces and all."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class TemplateWarning:
    """Text that looks like a slip. `line` and `column` start at 1 and count code points; `part` is of a chat's."""

    message: str
    line: int
    column: int
    part: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedText:
    """Texts, none of them empty and no two in a row, and the slots between them."""

    pieces: tuple[str | Slot, ...]
    warnings: tuple[TemplateWarning, ...] = ()


def parse(text: str) -> ParsedText:
    """The pieces of `text`. Every text is valid; of its warnings at most the first hundred are told."""
    scan = _Scan(text)
    position = 0
    while (opening := text.find("{{", position)) >= 0:
        position = scan.read_braces(position, opening)
    scan.literal.append(text[position:])
    scan.end_literal()
    return ParsedText(tuple(scan.pieces), tuple(scan.warnings))


class _Scan:
    """One reading of one text: the pieces so far, and the literal text since the last slot."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[str | Slot] = []
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
        match = _VARIABLE.match(text, opening)
        if match is None and text.startswith("{", opening + 2):
            match = _VARIABLE.match(text, self._end_of_braces(opening) - 2)
        if match is None:
            end = self._end_of_braces(opening)
            self._warn(end - 2)
            self.literal.append(text[start:end])
            return end
        self.literal += (kept, "\\" * (slashes // 2), text[opening : match.start()])
        self.end_literal()
        self.pieces.append(Slot(match[1], match[0]))
        return match.end()

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
        line_breaks = self.text.count("\n", self._counted, opening)
        if line_breaks:
            self._line += line_breaks
            self._line_start = self.text.rfind("\n", self._counted, opening) + 1
        self._counted = opening
        message = _explain(self.text, opening)
        self.warnings.append(TemplateWarning(message, self._line, opening - self._line_start + 1))


def _explain(text: str, opening: int) -> str:
    """Why the `{{` opens no variable. Looks ahead no further than a name could go."""
    ahead = text[opening : opening + 200]
    if _BLANK_AROUND.match(ahead):
        return "Kept as text: only spaces may stand between the braces and a variable's name."
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

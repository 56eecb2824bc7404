"""Handlebars, as Google's dotprompt has it, and Mustache, which reads the same as far as it is kept.

`{{name}}`, `{{{name}}}` and `{{&name}}` are variables; `\\{{` is a literal `{{`; `{{role "user"}}` and `{{history}}`
are marks where the reader is asked for them. A comment is left out. All else, from conditions to partials, is text, and
so is every name where it does not mean the template's own variable: in a loop, or behind a dot.
"""

import re
from dataclasses import dataclass, field

from graph.templating.foreign import ForeignText, Loss, Mark, MarkKind, Span, shorten
from graph.templating.parser import Slot

_INSIDE = r"(?:\"[^\"]{0,300}+\"|'[^']{0,300}+'|\[[^\]]{0,300}+\]|[^\"'\[\]{}]|\}(?!\})){0,300}+"
_TAG = re.compile(rf"\{{\{{(?:\{{(?P<triple>{_INSIDE})\}}\}}\}}|(?P<plain>{_INSIDE})\}}\}})")
_COMMENT = re.compile(r"\{\{~?!(?:--.*?--~?\}\}|(?!--).*?\}\})", re.DOTALL)
_RAW = re.compile(r"\{\{\{\{(?P<name>[^{}/]{1,100}+)\}\}\}\}.*?\{\{\{\{/[^{}]{1,100}+\}\}\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*+")
_ROLE = re.compile(r"""role\s++(?:"([a-z]++)"|'([a-z]++)')""")
_CONDITIONS = frozenset(("if", "unless", "ifEquals", "unlessEquals"))
_WORDS = frozenset(("else", "this", "true", "false", "null", "undefined"))
_HELPERS = {
    "media": "media is not kept: a template is text",
    "section": "sections are not kept",
    "json": "a helper is not kept; a variable of the type JSON is written as JSON",
    "role": "a role is system, developer, user, assistant, model or tool, in quotes",
}
ROLES = {"model": "assistant"} | {role: role for role in ("system", "developer", "user", "assistant", "tool")}


def read_handlebars(source: str, divides: bool = False) -> ForeignText:
    """The text taken apart; `divides` finds the marks of a chat, which else are text."""
    scan = _Scan(source, divides)
    position = 0
    while (opening := source.find("{{", position)) >= 0:
        position = scan.read(position, opening)
    return scan.finish()


@dataclass(slots=True)
class _Scan:
    """One reading: what was found, and the blocks that are open, each with its place and whether it is a condition."""

    source: str
    divides: bool
    spans: list[Span] = field(default_factory=list)
    blocks: list[tuple[int, int]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    open: list[tuple[int, bool]] = field(default_factory=list)
    last_comment: int = field(init=False)
    last_raw: int = field(init=False)

    def __post_init__(self) -> None:
        # Behind the last closing nothing is closed, and need not be looked at.
        self.last_comment, self.last_raw = self.source.rfind("}}"), self.source.rfind("{{{{/")

    def read(self, start: int, opening: int) -> int:
        """Reads the tag at `opening`, the first after `start`; returns where to go on."""
        slashes = opening - start - len(self.source[start:opening].rstrip("\\"))
        if slashes:
            self.spans.append(Span(opening - 1, opening, ""))
        if slashes == 1:
            return opening + 1
        if opening < self.last_comment and (comment := _COMMENT.match(self.source, opening)):
            return self._leave_out(comment)
        if opening < self.last_raw and (raw := _RAW.match(self.source, opening)):
            self._lose(opening, raw.end(), f"the raw block {raw['name'].strip()!r} is not kept")
            return raw.end()
        tag = _TAG.match(self.source, opening)
        if tag is None:
            self._lose(opening, opening + 2, "it is no tag, or is not closed")
            return opening + 2
        self._take(opening, tag.end(), tag["triple"] if tag["plain"] is None else tag["plain"])
        return tag.end()

    def finish(self) -> ForeignText:
        """What was found. A block that is never closed goes to the end."""
        if self.open:
            self.blocks.append((self.open[0][0], len(self.source)))
        return ForeignText(self.source, tuple(self.spans), tuple(self.blocks), tuple(self.losses))

    def _leave_out(self, comment: re.Match[str]) -> int:
        start, end = comment.span()
        self._lose(start, end, "a comment is left out")
        before = self.source.rfind("\n", 0, start) + 1
        after = self.source.find("\n", end)
        line_end = len(self.source) if after < 0 else after + 1
        alone = not self.source[before:start].strip() and not self.source[end:line_end].strip()
        if alone and (not self.spans or self.spans[-1].end <= before):
            start, end = before, line_end
        self.spans.append(Span(start, end, ""))
        return end

    def _take(self, start: int, end: int, inside: str) -> None:
        content = inside.strip("~").strip()
        if content.startswith(("#", "^")) and len(content) > 1:
            self._open_block(start, end, content[1:].lstrip("*> ").split(maxsplit=1))
        elif content.startswith("/"):
            self._close_block(start, end)
        elif not (self.open and (content == "^" or content.split(maxsplit=1)[:1] == ["else"])):
            self._take_expression(start, end, inside)

    def _open_block(self, start: int, end: int, words: list[str]) -> None:
        name = words[0] if words else ""
        is_condition = name in _CONDITIONS
        self.open.append((start, is_condition))
        self._lose(start, end, "a condition is not kept" if is_condition else "a loop or block is not kept")

    def _close_block(self, start: int, end: int) -> None:
        if not self.open:
            self._lose(start, end, "it closes what was never opened")
            return
        opened, _ = self.open.pop()
        if not self.open:
            self.blocks.append((opened, end))

    def _take_expression(self, start: int, end: int, inside: str) -> None:
        content = inside.strip().removeprefix("&").strip()
        role = _ROLE.fullmatch(content)
        if any(not is_condition for _, is_condition in self.open):
            return
        if self.divides and not self.open and role and (role[1] or role[2]) in ROLES:
            self.spans.append(Span(start, end, Mark(MarkKind.ROLE, ROLES[role[1] or role[2]])))
        elif self.divides and not self.open and content == "history":
            self.spans.append(Span(start, end, Mark(MarkKind.HISTORY)))
        elif _NAME.fullmatch(content) and content not in _WORDS and not (self.divides and content == "history"):
            self.spans.append(Span(start, end, Slot(content, self.source[start:end])))
        else:
            self._lose(start, end, self._explain(content))

    def _explain(self, content: str) -> str:
        word = content.split(maxsplit=1)[0] if content else ""
        if self.divides and self.open and (word in ("role", "history")):
            return "a message that is there on a condition is not kept"
        if content.startswith(">"):
            return "a partial is not kept"
        if content.startswith("@"):
            return "context that is no variable is not kept"
        if "~" in (content[:1], content[-1:]):
            return "trimming of white space is not kept"
        if word in _HELPERS:
            return _HELPERS[word]
        if "." in word or "/" in word:
            return "a value's parts are not kept: a variable is filled whole"
        return "this expression is not kept: only {{name}} is"

    def _lose(self, start: int, end: int, why: str) -> None:
        self.losses.append(Loss(start, shorten(self.source[start:end]), why))

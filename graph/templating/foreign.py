"""A text of another template language, taken apart, so that what means the same here is kept and the rest is told.

A reader (`handlebars`, `jinja`) finds the places that are more than text: variables of ours, marks that divide a chat,
and text that stands for other text. All else is literal: it reads here as it stands there, escaped where our notation
would take it for more, and a `Loss` tells where something that did something there does nothing here.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from graph.templating.parser import Slot, parse, write


@dataclass(frozen=True, slots=True)
class Loss:
    """What stands at `position` (a code point of the source) as text now, or not at all, and why."""

    position: int
    what: str
    why: str


class MarkKind(StrEnum):
    """What a mark in a text divides a chat by."""

    ROLE = "role"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where another message begins, of the role `value`, or where earlier messages go."""

    kind: MarkKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """`source[start:end]`, which is not itself but a variable, a mark or another text."""

    start: int
    end: int
    means: str | Slot | Mark


@dataclass(frozen=True, slots=True)
class ForeignText:
    """A text with its spans, in order and disjoint; `blocks` are the outermost conditions and loops, whole."""

    source: str
    spans: tuple[Span, ...]
    blocks: tuple[tuple[int, int], ...]
    losses: tuple[Loss, ...]

    def template(self, start: int = 0, end: int | None = None) -> str:
        """A part of the text as a template of ours. Neither end may lie in a span."""
        return join_pieces(self._pieces(start, len(self.source) if end is None else end))

    def _pieces(self, start: int, end: int) -> Iterator[str | Slot]:
        position = start
        first = bisect_left(self.spans, start, key=lambda span: span.start)
        for span in self.spans[first : bisect_right(self.spans, end, key=lambda span: span.end)]:
            yield self.source[position : span.start]
            if not isinstance(span.means, Mark):
                yield span.means
            position = span.end
        yield self.source[position:end]

    def names(self) -> set[str]:
        """The variables."""
        return {span.means.name for span in self.spans if isinstance(span.means, Slot)}

    def marks(self) -> list[tuple[Span, Mark]]:
        """The marks with their places."""
        return [(span, span.means) for span in self.spans if isinstance(span.means, Mark)]

    def is_free(self, position: int) -> bool:
        """True where plain text stands, in no span and no block."""
        span = bisect_right(self.spans, position, key=lambda span: span.start) - 1
        block = bisect_right(self.blocks, position, key=lambda block: block[0]) - 1
        in_span = span >= 0 and position < self.spans[span].end
        return not in_span and not (block >= 0 and position < self.blocks[block][1])


def join_pieces(pieces: Iterable[str | Slot]) -> str:
    """The template that `parse` reads as these texts and slots, whatever the slots were written as there."""
    return write(piece if isinstance(piece, str) else Slot(piece.name, own_source(piece)) for piece in pieces)


def own_source(slot: Slot) -> str:
    """The slot as it was written, where that is our notation too."""
    return slot.source if parse(slot.source).pieces == (slot,) else f"{{{{{slot.name}}}}}"


def shorten(source: str) -> str:
    """The beginning of what was met, in one line."""
    line = " ".join(source.split())
    return line if len(line) <= 60 else line[:60] + "…"

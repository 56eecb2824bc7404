"""Why a prompt was found: where the words lie in its texts, as they are in the store now.

Every index finds words by the same rules (`search_sync/index/words.py`), so they are shown by these rules here, the
same for every index.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.domain.limits import Limits
from graph.domain.prompts import Prompt, PromptVersion
from graph.domain.templates import ChatMessage, PromptTemplate, TextTemplate
from search_sync.index.words import highlight_ranges

Range = tuple[int, int]
HasTime = Callable[[], bool]

PIECE = 1_000  # characters that are looked through at once: most texts have their first match early
LEAD = 4  # a snippet begins at most its length divided by this before its first match


class HighlightField(StrEnum):
    """Where words are shown."""

    NAME = "name"
    TITLE = "title"
    DESCRIPTION = "description"
    TAGS = "tags"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of plain text and the matches in it: half-open, in Unicode code points, in order, without overlap."""

    field: HighlightField
    snippet: str
    matches: tuple[Range, ...]


def always() -> bool:
    """The clock of who has all the time there is."""
    return True


def highlight_page(
    found: Sequence[tuple[Prompt, PromptVersion | None]], text: str, limits: Limits, has_time: HasTime = always
) -> dict[str, tuple[Highlight, ...]]:
    """The highlights of a page's prompts with their latest versions, by the prompts' ids.

    What the page may read of all texts is shared evenly, so of a long text only the beginning is looked through.
    What has not been looked at when the time is over has no highlights.
    """
    share = limits.highlighted_text // max(1, len(found))
    return {
        prompt.id: tuple(
            Highlight(field, *lit)
            for field, held in _texts(prompt, latest)
            if (lit := light(held[:share], text, limits.snippet, has_time))
        )
        for prompt, latest in found
    }


def _texts(prompt: Prompt, latest: PromptVersion | None) -> Iterator[tuple[HighlightField, str]]:
    yield HighlightField.NAME, prompt.name
    yield HighlightField.TITLE, prompt.title
    yield HighlightField.DESCRIPTION, prompt.description or ""
    for tag in prompt.tags:
        yield HighlightField.TAGS, tag
    if latest:
        yield HighlightField.TEMPLATE, template_text(latest.template)


def template_text(template: PromptTemplate) -> str:
    """The words of a template; those of a chat with an empty line between its messages."""
    if isinstance(template, TextTemplate):
        return template.text
    return "\n\n".join(part.content for part in template.parts if isinstance(part, ChatMessage))


def light(held: str, text: str, most: int, has_time: HasTime = always) -> tuple[str, tuple[Range, ...]] | None:
    """A snippet of at most `most` code points around the first match, and the matches in it; None without any."""
    first = _find_first(held, text, has_time)
    if first is None:
        return None
    start, end = _window(held, first, most)
    snippet = held[start:end]
    # A word that is longer than the snippet is no longer itself in there.
    ranges = highlight_ranges(snippet, text) or [(first[0] - start, min(first[1], end) - start)]
    return snippet, tuple(ranges)


def _find_first(held: str, text: str, has_time: HasTime) -> Range | None:
    start = 0
    while start < len(held) and has_time():
        end = _end_of_piece(held, start)
        if ranges := highlight_ranges(held[start:end], text):
            return ranges[0][0] + start, ranges[0][1] + start
        start = end
    return None


def _end_of_piece(held: str, start: int) -> int:
    """Where a piece ends between two words."""
    if len(held) - start <= PIECE:
        return len(held)
    space = held.rfind(" ", start + 1, start + PIECE)
    return space if space > 0 else start + PIECE


def _window(held: str, match: Range, most: int) -> Range:
    """Where to cut, between words where that can be."""
    start = max(0, min(match[0] - most // LEAD, len(held) - most))
    if start and (space := held.find(" ", start, match[0])) >= 0:
        start = space + 1
    end = min(len(held), start + most)
    if end < len(held) and (space := held.rfind(" ", match[1], end)) >= 0:
        end = space
    return start, end

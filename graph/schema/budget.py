"""What one request may make the server do while it is run, however its pages multiply.

The shape of a query is bounded before it is validated, but not what stands behind it: fifty aliases of a hundred
prompts with a hundred versions each are a short query. So whatever grows with the data is paid for as it is asked.
"""

import time

from graph.domain.denials import RequestTooCostlyError
from graph.domain.limits import RequestLimits
from graph.domain.prompts import PromptVersion
from graph.domain.templates import ChatMessage, PromptTemplate, TextTemplate
from graph.templating.renderer import Rendered


class Budget:
    """One request's. Each purse raises RequestTooCostlyError when it is empty; of highlights there are fewer."""

    def __init__(self, limits: RequestLimits) -> None:
        self._limits = limits
        self._nodes = limits.nodes
        self._characters = limits.answer_characters
        self._lines = limits.compared_lines
        self._neighbours = limits.neighbours
        self._highlights_end: float | None = None

    def spend_nodes(self, count: int) -> None:
        """Objects of a list, by the size of the page that is asked for: told before any is read."""
        self._nodes -= count
        if self._nodes < 0:
            raise RequestTooCostlyError(
                f"This asks for more than {self._limits.nodes} objects of lists: take smaller pages."
            )

    def spend_characters(self, count: int) -> None:
        """Text of templates and renderings."""
        self._characters -= count
        if self._characters < 0:
            most = self._limits.answer_characters
            raise RequestTooCostlyError(
                f"The texts asked for have more than {most} characters: ask for fewer versions."
            )

    def spend_lines(self, count: int) -> None:
        """Lines that are compared."""
        self._lines -= count
        if self._lines < 0:
            most = self._limits.compared_lines
            raise RequestTooCostlyError(f"The texts to compare have more than {most} lines: ask for fewer comparisons.")

    def spend_neighbours(self) -> None:
        """One question for prompts that are near another: each compares its text with many."""
        self._neighbours -= 1
        if self._neighbours < 0:
            most = self._limits.neighbours
            raise RequestTooCostlyError(f"This asks for `similar` of more than {most} prompts: ask for fewer at once.")

    def may_highlight(self) -> bool:
        """Whether there is time to look for more of them. It runs from the first question on, for all searches."""
        now = time.monotonic()
        if self._highlights_end is None:
            self._highlights_end = now + self._limits.highlight_seconds
        return now < self._highlights_end


def text_length(version: PromptVersion) -> int:
    """The characters of a version's texts."""
    return template_length(version.template)


def template_length(template: PromptTemplate) -> int:
    """The characters of a template's texts."""
    return sum(len(text) for text in _texts(template))


def rendered_length(rendered: Rendered) -> int:
    """The characters of what was rendered."""
    content = rendered.content
    return len(content) if isinstance(content, str) else sum(len(message.content) for message in content)


def line_count(version: PromptVersion) -> int:
    """The lines of a version's texts, about."""
    return sum(text.count("\n") + 1 for text in _texts(version.template))


def _texts(template: PromptTemplate) -> list[str]:
    if isinstance(template, TextTemplate):
        return [template.text]
    return [part.content for part in template.parts if isinstance(part, ChatMessage)]

"""A file as an importer gets it, and the front matter and the text that it is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.exchange.front_matter import key_lines, load_yaml
from graph.exchange.text import decode

# Comments and blank lines may stand above the front matter: files begin with a licence.
_HEAD = re.compile(
    r"(?P<above>(?:#[^\n]*+\n|[ \t]*+\n)*+)[ \t]*+---[ \t]*+\n(?P<yaml>.*?)(?<![^\n])---[ \t]*+(?:\n|\Z)", re.S
)
_OPENED = re.compile(r"(?:#[^\n]*+\n|[ \t]*+\n)*+[ \t]*+---[ \t]*+\n")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's bytes, its path below the folder that is imported, and when it was last written.

    `depth` bounds the nesting of its YAML.
    """

    parts: tuple[str, ...]
    data: bytes
    modified: datetime
    depth: int

    @property
    def place(self) -> str:
        """The path, as it is told."""
        return "/".join(self.parts)

    @property
    def stem(self) -> str:
        """The path without the last suffix: the prompt's name, unless the format says another."""
        return stem_of(self.parts)

    @property
    def raw_text(self) -> str:
        """The text to the letter. Raises UnusableFileError with the line for what is not UTF-8."""
        return decode(self.data)

    @property
    def text(self) -> str:
        """The text with `\\n` between lines. Raises as `raw_text`."""
        return self.raw_text.replace("\r\n", "\n")


def stem_of(parts: tuple[str, ...]) -> str:
    """The path without the last suffix."""
    return "/".join((*parts[:-1], parts[-1].rpartition(".")[0] or parts[-1]))


@dataclass(frozen=True, slots=True)
class Document:
    """Front matter and text. `lines` has each key's line in the file, `body_line` the one on which the text begins."""

    head: JSONObject
    lines: Mapping[tuple[str, ...], int]
    body: str
    body_line: int

    def line_of(self, position: int) -> int:
        """The line in the file on which this place of the body is."""
        return self.body_line + self.body.count("\n", 0, position)


def split_document(source: SourceFile) -> Document:
    """The document; one without front matter is all text. Raises InvalidInputError and UnusableFileError."""
    text = source.text
    match = _HEAD.match(text)
    if match is None:
        if _OPENED.match(text):
            raise InvalidInputError("The front matter is never closed: end it with a line `---`.")
        return Document({}, {}, text, 1)
    above = text.count("\n", 0, match.start("yaml"))
    head = load_yaml(match["yaml"], source.depth, above)
    if not isinstance(head, dict | None):
        raise InvalidInputError("The front matter must be an object.")
    lines = {path: line + above for path, line in key_lines(match["yaml"]).items()}
    return Document(head or {}, lines, text[match.end() :], text.count("\n", 0, match.end()) + 1)

"""Langfuse's own references, `@@@langfusePrompt:name=N|version=7@@@` and `|label=L`, from and into `{{> N@7}}`."""

import re
from collections.abc import Iterator

from graph.domain.errors import InvalidInputError
from graph.domain.names import Path
from graph.domain.prompts import LATEST, VersionByLabel, VersionByNumber
from graph.domain.selectors import parse_version, readings
from graph.templating.parser import Piece, Reference, parse, write
from graph.templating.plain import read_plain

_TAG = re.compile(r"@@@langfusePrompt:name=([^|@]++(?:@(?!@@)[^|@]*+)*+)\|(version|label)=([^|@]++)@@@")


def read_text(text: str, path: Path) -> str:
    """Our template of a text in Langfuse's notation. A tag that is none to Langfuse is text here too.

    Raises InvalidInputError for a reference that cannot be written here.
    """
    if not _TAG.search(text):
        return read_plain(text)
    return write(_read_pieces(text, path))


def _read_pieces(text: str, path: Path) -> Iterator[Piece]:
    position = 0
    for tag in _TAG.finditer(text):
        yield from parse(read_plain(text[position : tag.start()])).pieces
        yield _read_tag(tag, path)
        position = tag.end()
    yield from parse(read_plain(text[position:])).pieces


def _read_tag(tag: re.Match[str], path: Path) -> Reference:
    name, kind, wanted = tag[1].strip(), tag[2], tag[3].strip()
    version = parse_version(wanted)
    if not isinstance(version, VersionByNumber if kind == "version" else VersionByLabel):
        raise InvalidInputError(f"{tag[0]} names no {kind}.", path)
    source = f"{{{{> {name}@{wanted}}}}}"
    (reference, *more) = parse(source).pieces or ("",)
    if more or not isinstance(reference, Reference):
        raise InvalidInputError(f"{tag[0]} names a prompt that cannot be included by its name.", path)
    return reference


def write_text(template: str) -> str:
    """The text with its references as Langfuse writes them; what Langfuse could not read so stays as it is."""
    return "".join(_write_piece(piece) for piece in parse(template).pieces)


def _write_piece(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, Reference):
        return piece.source
    reading = readings(piece.selector)[-1]
    version = reading.version or VersionByLabel(LATEST)
    if isinstance(version, VersionByNumber):
        tag = f"@@@langfusePrompt:name={reading.name}|version={version.number}@@@"
    elif isinstance(version, VersionByLabel):
        tag = f"@@@langfusePrompt:name={reading.name}|label={version.label}@@@"
    else:
        return piece.source  # it has no digests
    return tag if _TAG.fullmatch(tag) else piece.source

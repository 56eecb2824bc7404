"""The entries that a path holds: of one file, or of a folder of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from graph.domain.limits import Limits
from graph.exchange.entries import Entry
from graph.exchange.formats import ONE_PROMPT_SUFFIXES, ImportFormat, find_kind
from graph.exchange.json_lines import read_lines
from graph.exchange.limits import ExchangeLimits
from graph.exchange.prompt_folder import list_prompts, read_prompts
from graph.exchange.source import SourceFile
from graph.exchange.text import open_file, read_file

_CHUNK = 1_048_576
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries, which may be read as they are asked for, and about how many there are, for the progress bar.

    `remark` is what a person should know when there are none.
    """

    entries: Iterable[Entry]
    count: int
    remark: str | None = None


def read_path(path: Path, limits: Limits, bounds: ExchangeLimits, form: ImportFormat | None = None) -> Reading:
    """The entries of a file or a folder, in the format given or in the one that it looks like.

    Raises UnusableFileError.
    """
    if path.is_dir():
        found = list_prompts(path, bounds, form)
        remark = None if found else f"No {', '.join(ONE_PROMPT_SUFFIXES)} is in it. Other files are read with --format."
        return Reading(read_prompts(path, found, limits, bounds, form), len(found), remark)
    if path.suffix.lower() in _LINES and form in (None, ImportFormat.PROMPTGRAPH):
        file = open_file(path)
        return Reading(read_lines(file, limits, bounds), _count_lines(file))
    data, modified = read_file(path, bounds.file_bytes)
    source = SourceFile((path.name,), data, datetime.fromtimestamp(modified, UTC), bounds.yaml_depth)
    entries = list(find_kind(source, form).read([source], limits))
    return Reading(entries, len(entries))


def _count_lines(file: BinaryIO) -> int:
    count = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
    file.seek(0)
    return count

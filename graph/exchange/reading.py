"""Which format a path holds, and its entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from graph.domain.limits import Limits
from graph.exchange.csv_table import read_table
from graph.exchange.entries import Entry, UnusableFileError
from graph.exchange.json_lines import read_array, read_lines
from graph.exchange.limits import ExchangeLimits
from graph.exchange.markdown_folder import list_folder, read_folder
from graph.exchange.text import open_file, read_bytes

_CHUNK = 1_048_576


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries, which may be read as they are asked for, and about how many there are, for the progress bar."""

    entries: Iterable[Entry]
    count: int


def read_path(path: Path, limits: Limits, bounds: ExchangeLimits) -> Reading:
    """The entries of a `.csv`, `.json` or `.jsonl` file or of a folder. Raises UnusableFileError."""
    if path.is_dir():
        found = list_folder(path, bounds)
        return Reading(read_folder(path, found, bounds), len(found))
    kind = path.suffix.lower()
    if kind in (".csv", ".json"):
        data = read_bytes(path, bounds.file_bytes)
        entries = read_table(data, limits) if kind == ".csv" else read_array(data, limits)
        return Reading(entries, len(entries))
    if kind in (".jsonl", ".ndjson"):
        file = open_file(path)
        return Reading(read_lines(file, limits, bounds), _count_lines(file))
    raise UnusableFileError(
        "This kind of file is not read. Give a .csv, .json or .jsonl file, or a folder of Markdown."
    )


def _count_lines(file: BinaryIO) -> int:
    count = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
    file.seek(0)
    return count

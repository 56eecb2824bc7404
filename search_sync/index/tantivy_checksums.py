"""Whether Tantivy's files are as it wrote them.

It ends each file of a segment with a footer that holds the CRC-32 of what is before, and never looks at it again: a
byte that the disk changed would be an answer that is wrong, and nobody would notice. So it is compared here.

    content | JSON with "crc" | length of the JSON | 1337        the last two are little-endian, of 4 bytes each
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from search_sync.index.protocol import IndexDamagedError

_MAGIC = 1337
_LONGEST_FOOTER = 50_000
_PIECE = 1 << 20
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_TRIES = 5


def check_files(place: Path) -> None:
    """Reads all that the index in this directory consists of. Raises IndexDamagedError or OSError."""
    for _ in range(_TRIES):
        listed = _read_list(place)
        try:
            return _compare(_list_files(place, listed))
        except FileNotFoundError:
            if _read_list(place) == listed:
                raise  # it was not merged away meanwhile
    raise OSError("The search index changes faster than it can be read.")


def _read_list(place: Path) -> str:
    try:
        return (place / "meta.json").read_text("utf-8")
    except UnicodeDecodeError as error:
        raise IndexDamagedError("meta.json") from error


def _compare(files: Iterator[Path]) -> None:
    for file in files:
        if not _is_whole(file):
            raise IndexDamagedError(file.name)


def _list_files(place: Path, listed: str) -> Iterator[Path]:
    """Those that are committed: what a crash left half written beside them does no harm."""
    try:
        segments = [(one["segment_id"].replace("-", ""), one["deletes"]) for one in json.loads(listed)["segments"]]
        deletes = [f"{name}.{held['opstamp']}.del" for name, held in segments if held]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamagedError("meta.json") from error
    parts = (place / f"{name}.{part}" for name, _ in segments for part in _PARTS)
    yield from filter(Path.exists, parts)
    yield from (place / name for name in deletes)


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tail = _read_from(file, max(0, size - 8))
        length, magic = int.from_bytes(tail[:4], "little"), int.from_bytes(tail[4:], "little")
        end = size - 8 - length
        if magic != _MAGIC or length > _LONGEST_FOOTER or end < 0:
            return False
        try:
            written = json.loads(_read_from(file, end)[:length])["crc"]
        except (ValueError, KeyError, TypeError):
            return False
        return bool(written == _sum_up(file, end))


def _read_from(file: BinaryIO, start: int) -> bytes:
    file.seek(start)
    return file.read()


def _sum_up(file: BinaryIO, end: int) -> int:
    file.seek(0)
    total = 0
    for start in range(0, end, _PIECE):
        total = zlib.crc32(file.read(min(_PIECE, end - start)), total)
    return total

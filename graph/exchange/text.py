"""Bytes of a file as text, and where in them something is wrong."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from graph.exchange.entries import UnusableFileError

BOM = "\ufeff"


def open_file(path: Path) -> BinaryIO:
    """The file, opened to be read, when it is a regular one: a pipe or a device would never end."""
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise UnusableFileError(f"It cannot be opened: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UnusableFileError("It is no regular file.")
    return file


def read_file(path: Path, most: int) -> tuple[bytes, float]:
    """The whole file, and when it was last written. Raises UnusableFileError when it has more than `most` bytes."""
    with open_file(path) as file:
        data, modified = file.read(most + 1), os.fstat(file.fileno()).st_mtime
    if len(data) > most:
        raise UnusableFileError(
            f"It has more than {most} bytes. Split it, or use JSON lines, which are read one by one."
        )
    return data, modified


def decode(data: bytes) -> str:
    """UTF-8 with or without a byte order mark. Raises UnusableFileError with the line."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnusableFileError(
            f"line {line}: This is not UTF-8 (byte 0x{data[error.start]:02x}). Save the file as UTF-8."
        ) from None
    return text.removeprefix(BOM)


def refuse_nul(text: str) -> None:
    """Raises UnusableFileError with the line of a NUL, which in a table is a sign of another encoding."""
    if (position := text.find("\0")) >= 0:
        raise UnusableFileError(f"line {text.count(chr(10), 0, position) + 1}: There is a NUL character.")

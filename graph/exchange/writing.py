"""A file that is there whole or not at all."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from graph.exchange.entries import UnusableFileError


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """A file to be written beside `path`, which takes its place at the end, when nothing went wrong.

    Raises UnusableFileError when something else than a file is in the way, or it cannot be written.
    """
    _refuse_special(path)
    try:
        fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    except OSError as error:
        raise UnusableFileError(f"{path.parent}: {error.strerror}.") from None
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(fd)
        os.replace(temporary, path)
    except OSError as error:
        raise UnusableFileError(f"It cannot be written: {error.strerror}.") from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _refuse_special(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise UnusableFileError("A link, a folder or a special file is there. Give a file, or `-` to print.")

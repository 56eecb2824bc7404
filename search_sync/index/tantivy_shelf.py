"""The directory of a Tantivy index: generations beside each other, and a pointer to the one that serves.

    lock                  held by the one process that has it open
    current.json          the generation that serves, its format and its fingerprint
    generations/<name>/   Tantivy's own files, and the mark; those that the pointer does not name are leftovers

The pointer is written beside and renamed, with everything flushed to disk before and after, so that whatever crashes,
it names a whole generation.
"""

import contextlib
import fcntl
import json
import os
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from search_sync.index.protocol import IndexUnavailableError
from search_sync.index.tantivy_schema import FORMAT

_MARK = "promptgraph-mark.json"


class IndexInUseError(IndexUnavailableError):
    """Another process has the index open: there is one writer, and the readers live in its process."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What serves."""

    generation: str
    fingerprint: str | None
    format: int = FORMAT


class Shelf:
    """Opening it takes the lock; `close` lets go of it. Raises IndexInUseError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._generations = path / "generations"
        self._generations.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(path)

    def read(self) -> Pointer | None:
        """What serves, or None where there is nothing that this code can read."""
        try:
            pointer = Pointer(**json.loads((self._path / "current.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return pointer if pointer.format == FORMAT and self.holds(pointer.generation) else None

    def holds(self, generation: str) -> bool:
        """Whether Tantivy's own list of its files is there. Where it is not, opening would quietly begin anew."""
        return (self.place(generation) / "meta.json").is_file()

    def mend(self) -> None:
        """Makes what was removed from under us, the lock included. Raises IndexInUseError."""
        self._generations.mkdir(parents=True, exist_ok=True)
        if not (self._path / "lock").exists():
            before, self._lock = self._lock, _take_lock(self._path)
            before.close()

    def add(self) -> str:
        """The name of a new, empty generation."""
        name = uuid.uuid4().hex
        self.place(name).mkdir()
        return name

    def place(self, generation: str) -> Path:
        """Where its files are."""
        return self._generations / generation

    def point(self, pointer: Pointer) -> None:
        """Makes it the one that serves, at once and durably."""
        _flush_directory(self.place(pointer.generation))
        _flush_directory(self._generations)
        beside = self._path / "current.json.new"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(asdict(pointer), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path / "current.json")
        _flush_directory(self._path)

    def read_mark(self, generation: str) -> str | None:
        """What was last kept beside its files."""
        try:
            return (self.place(generation) / _MARK).read_text("utf-8") or None
        except (OSError, UnicodeDecodeError):
            return None

    def keep_mark(self, generation: str, mark: str) -> None:
        """It lies beside the files that it speaks of, so that whoever copies these copies it as well."""
        beside = self.place(generation) / f"{_MARK}.new"
        beside.write_text(mark, "utf-8")
        beside.replace(self.place(generation) / _MARK)

    def remove_all_but(self, *kept: str) -> None:
        """Removes the other generations; what cannot be removed now is removed next time."""
        for place in self._generations.iterdir():
            if place.name not in kept:
                shutil.rmtree(place, ignore_errors=True)

    def close(self) -> None:
        """Lets another process open it."""
        self._lock.close()


def _take_lock(path: Path) -> TextIO:
    with contextlib.ExitStack() as stack:
        lock = stack.enter_context((path / "lock").open("w", encoding="utf-8"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexInUseError(f"The search index in {path} is open in another process.") from None
        stack.pop_all()
        return lock


def _flush_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

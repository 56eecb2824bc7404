"""A folder that is never left: every step goes by an open folder to a name in it, and no link is followed."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graph.exchange.entries import UnusableFileError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class RefusedPathError(Exception):
    """Something at this path is not what it should be; the message says what."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file or a thing that is none: `fault` says why it is not read."""

    parts: tuple[str, ...]
    fault: str | None = None


class Folder:
    """The folder that the person named, which may itself be a link; used as a context manager."""

    def __init__(self, path: Path, make: bool = False) -> None:
        try:
            if make:
                path.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, _FOLDER)
        except OSError as error:
            raise UnusableFileError(f"The folder cannot be opened: {error.strerror}.") from None

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def find(self, suffix: str | tuple[str, ...], depth: int) -> Iterator[Found]:
        """The files whose names end so or so, in order, and what was met on the way and not entered.

        Hidden files and folders are passed over.
        """
        yield from self._find(self._fd, (), suffix, depth)

    def _find(self, fd: int, above: tuple[str, ...], suffix: str | tuple[str, ...], depth: int) -> Iterator[Found]:
        with os.scandir(fd) as scan:
            entries = sorted((entry for entry in scan if not entry.name.startswith(".")), key=lambda one: one.name)
        for entry in entries:
            parts, mode = (*above, entry.name), entry.stat(follow_symlinks=False).st_mode
            is_ours = entry.name.lower().endswith(suffix)
            if stat.S_ISLNK(mode):
                yield Found(parts, "This is a link, and links are not followed.")
            elif stat.S_ISDIR(mode):
                yield from self._enter(fd, parts, suffix, depth)
            elif is_ours and not stat.S_ISREG(mode):
                yield Found(parts, "This is no regular file.")
            elif is_ours:
                yield Found(parts)

    def _enter(self, fd: int, parts: tuple[str, ...], suffix: str | tuple[str, ...], depth: int) -> Iterator[Found]:
        if len(parts) > depth:
            yield Found(parts, f"This folder is deeper than {depth} levels.")
            return
        try:
            inner = os.open(parts[-1], _FOLDER | os.O_NOFOLLOW, dir_fd=fd)
        except OSError as error:
            yield Found(parts, f"The folder cannot be opened: {error.strerror}.")
            return
        try:
            yield from self._find(inner, parts, suffix, depth)
        finally:
            os.close(inner)

    def read(self, parts: tuple[str, ...], most: int) -> bytes:
        """The file's bytes. Raises RefusedPathError for a link, a special file and one of more than `most` bytes."""
        fd = self._open_above(parts)
        try:
            file = os.fdopen(os.open(parts[-1], _FILE, dir_fd=fd), "rb")
        except OSError as error:
            raise RefusedPathError(f"It cannot be read: {error.strerror}.") from None
        finally:
            os.close(fd)
        with file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RefusedPathError("It is no regular file.")
            data = file.read(most + 1)
        if len(data) > most:
            raise RefusedPathError(f"It has more than {most} bytes.")
        return data

    def modified(self, parts: tuple[str, ...]) -> float:
        """When the file was last written, in seconds. Raises RefusedPathError."""
        fd = self._open_above(parts)
        try:
            return os.stat(parts[-1], dir_fd=fd, follow_symlinks=False).st_mtime
        except OSError as error:
            raise RefusedPathError(f"It cannot be read: {error.strerror}.") from None
        finally:
            os.close(fd)

    def write(self, parts: tuple[str, ...], data: bytes) -> bool:
        """Puts the file there, whole or not at all; False when it is there already, with these very bytes.

        Raises RefusedPathError where a link or something else than a file is in the way.
        """
        fd = self._open_above(parts, make=True)
        try:
            if self._holds(fd, parts[-1], data):
                return False
            _replace(fd, parts[-1], data)
            return True
        except OSError as error:
            raise RefusedPathError(f"It cannot be written: {error.strerror}.") from None
        finally:
            os.close(fd)

    def _holds(self, fd: int, name: str, data: bytes) -> bool:
        try:
            there = os.stat(name, dir_fd=fd, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(there.st_mode):
            raise RefusedPathError("A link, a folder or a special file of this name is in the way.")
        if there.st_size != len(data):
            return False
        with os.fdopen(os.open(name, _FILE, dir_fd=fd), "rb") as file:
            return file.read(len(data) + 1) == data

    def _open_above(self, parts: tuple[str, ...], make: bool = False) -> int:
        """The folder that holds the last part, opened step by step."""
        fd = os.dup(self._fd)
        for part in parts[:-1]:
            try:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=fd)
                inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=fd)
            except OSError as error:
                raise RefusedPathError(f"{part!r} is no folder that can be entered: {error.strerror}.") from None
            finally:
                os.close(fd)
            fd = inner
        return fd


def _replace(fd: int, name: str, data: bytes) -> None:
    temporary = f".{os.getpid()}-{os.urandom(8).hex()}.tmp"
    file = os.fdopen(os.open(temporary, _NEW_FILE, 0o666, dir_fd=fd), "wb")
    try:
        with file:
            file.write(data)
        os.replace(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=fd)
        raise

"""The data directory: ours alone, with the locks, the log, the socket and the database's files."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from graph.store.mongod.errors import DataDirectoryError

SOCKET = "mongod.sock"
_SOCKET_PATH_BYTES = 107  # sun_path holds 108, the last of them a NUL
_NOT_OURS_TO_MIND = {"lost+found", ".DS_Store"}


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """A directory that `prepare_directory` has found fit."""

    path: Path

    @property
    def users_lock(self) -> Path:
        """Shared by all who use the database; to have it alone is to know that nobody does."""
        return self.path / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper and its mongod."""
        return self.path / "keeper.lock"

    @property
    def keeper_log(self) -> Path:
        """What the present keeper, or its mongod before its own log is open, has printed."""
        return self.path / "keeper.log"

    @property
    def mongod_log(self) -> Path:
        """mongod's log, a JSON object on each line."""
        return self.path / "mongod.log"

    @property
    def database(self) -> Path:
        """mongod's own files."""
        return self.path / "mongod"

    @contextlib.contextmanager
    def open_socket_path(self) -> Iterator[str]:
        """A path to the socket that is short enough to connect to, good while this is open.

        Where the directory's own path is too long, it leads through an open descriptor of the directory: that
        leaves nothing behind, and nobody else can put something in its place, as they could in /tmp.
        """
        plain = str(self.path / SOCKET)
        if len(os.fsencode(plain)) <= _SOCKET_PATH_BYTES:
            yield plain
            return
        descriptor = os.open(self.path, os.O_PATH | os.O_DIRECTORY)
        try:
            yield f"/proc/{os.getpid()}/fd/{descriptor}/{SOCKET}"
        finally:
            os.close(descriptor)


def make_uri(socket_path: str) -> str:
    """A MongoDB URI for that socket. Direct, because the set knows its member by a name of its own."""
    return f"mongodb://{quote(socket_path, safe='')}/?directConnection=true"


def prepare_directory(path: Path) -> DataDirectory:
    """Make the directory, or check that it is ours, and close it to everybody else (mode 0700)."""
    directory = DataDirectory(path.expanduser().resolve())
    try:
        directory.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_ours(directory)
        for lock in (directory.users_lock, directory.keeper_lock):  # the first marks the directory as ours
            os.close(os.open(lock, os.O_CREAT | os.O_RDWR, 0o600))
        directory.path.chmod(0o700)
        directory.database.mkdir(mode=0o700, exist_ok=True)
        (directory.path / ".gitignore").write_text("*\n")
    except OSError as error:
        raise DataDirectoryError(f"{directory.path} cannot be used: {error.strerror}.") from error
    return directory


def _check_ours(directory: DataDirectory) -> None:
    if directory.path.stat().st_uid != os.geteuid():
        raise DataDirectoryError(f"{directory.path} belongs to another user. Name a directory of your own.")
    others = {entry.name for entry in directory.path.iterdir()} - _NOT_OURS_TO_MIND
    if others and directory.users_lock.name not in others:
        raise DataDirectoryError(
            f"{directory.path} holds other files and is no data directory of Promptgraph's. Name an empty or a new one."
        )

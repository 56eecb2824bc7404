"""The keeper as its users see it: whether there is one, how it is started, and why it failed."""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from graph.store.mongod.binary import explain_missing_library, find_mongod
from graph.store.mongod.directory import DataDirectory
from graph.store.mongod.errors import DataDirectoryError, MongodFailedError
from graph.store.mongod.options import MongodOptions, make_command

_SCRIPT = Path(__file__).with_name("keeper.py")
_PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH")  # and no secrets of ours
_LARGEST_LOG_BYTES = 16_777_216
_TAIL_BYTES = 65_536


class KeeperProcess:
    """The keeper of one data directory, whoever started it."""

    def __init__(self, directory: DataDirectory, options: MongodOptions) -> None:
        self._directory = directory
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start a keeper when there is none. Raises MongodFailedError when the one that we had started gave up."""
        self._reap()
        with self._take_lock() as lock:
            if lock is not None:
                self._child = self._start(lock)

    def is_gone(self) -> bool:
        """Whether no keeper lives, nor a mongod of one."""
        try:
            with self._take_lock() as lock:
                gone = lock is not None
        except DataDirectoryError:  # removed under us: then only of our own child can we tell
            return self._child is None or self._child.poll() is not None
        if gone and self._child:
            self._child.wait()
        return gone

    def hand_over(self) -> None:
        """Leave the keeper to the other users; it is theirs to end."""
        if self._child and self._child.poll() is None:
            self._child.returncode = 0  # or its destructor would complain of a child that still runs

    @contextlib.contextmanager
    def _take_lock(self) -> Iterator[int | None]:
        try:
            lock = os.open(self._directory.keeper_lock, os.O_RDWR)
        except OSError as error:
            raise DataDirectoryError(f"{self._directory.path} is not there any more: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield lock
        except BlockingIOError:
            yield None
        finally:
            os.close(lock)  # a keeper that has inherited it holds it on

    def _start(self, lock: int) -> subprocess.Popen[bytes]:
        command = make_command(find_mongod(), self._directory, self._options)
        with contextlib.suppress(FileNotFoundError):
            if self._directory.mongod_log.stat().st_size > _LARGEST_LOG_BYTES:
                self._directory.mongod_log.replace(self._directory.mongod_log.with_suffix(".log.1"))
        with self._directory.keeper_log.open("wb") as log:
            return subprocess.Popen(
                # -I and -S: no site, nothing of ours on its path, so that it is up in milliseconds.
                [sys.executable, "-I", "-S", str(_SCRIPT), str(lock), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory.path,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C in a terminal goes to its whole process group
            )

    def _reap(self) -> None:
        """Forget a keeper of ours that has ended; when it gave up, say why."""
        if self._child is None or (code := self._child.poll()) is None:
            return
        self._child = None
        if code > 0:
            raise MongodFailedError(self._explain())

    def _explain(self) -> str:
        output = _read_tail(self._directory.keeper_log)
        reason = explain_missing_library(output) or _find_fatal(_read_tail(self._directory.mongod_log))
        return (
            reason or f"mongod does not start. Its output:\n{output.strip()}\nand its log: {self._directory.mongod_log}"
        )


def _read_tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def _find_fatal(log: str) -> str | None:
    """The last error in mongod's log, which has a JSON object on each line."""
    for line in reversed(log.splitlines()):
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if entry.get("s") in ("F", "E"):
                detail = entry.get("attr", {}).get("error", "")
                return f"mongod does not start: {entry.get('msg')} {detail}".rstrip()
    return None

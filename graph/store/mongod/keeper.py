"""The keeper: a process that holds mongod while somebody uses the data directory, and not a moment longer.

It is run as a script, `python -I -S keeper.py LOCK COMMAND…` with the data directory as its working directory,
so that it is up in milliseconds and needs nothing of ours installed; hence it imports the standard library only.
LOCK is a descriptor on which `keeper.lock` is already held. It ends with 0 when the last user has left, and with 1
when mongod will not run.
"""

import ctypes
import fcntl
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

POLL_SECONDS = 0.05
STOP_SECONDS = 15.0  # mongod needs one; after these it is killed, and its journal sets it right
FAILURES = 3  # so many quick ends in a row, each of its own accord, and we give up
STEADY_SECONDS = 5.0  # a mongod that lived so long has started well
STOPPED_BY_OTHERS = (0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGKILL)  # also the kernel, out of memory
PR_SET_PDEATHSIG = 1


class Keeper:
    """Starts mongod, starts it again when it ends, and stops it when nobody holds `users.lock` any more."""

    def __init__(self, lock: int, command: list[str]) -> None:
        self._lock = lock
        self._command = command
        self._users = os.open("users.lock", os.O_RDWR)
        self._told_to_stop = False

    def run(self) -> int:
        """Keep mongod until nobody is left (0) or it fails again and again (1)."""
        failures = 0
        while True:
            started = time.monotonic()
            mongod = self._start()
            if not self._watch(mongod):
                stop(mongod)
                return 0
            if mongod.returncode in STOPPED_BY_OTHERS or time.monotonic() - started > STEADY_SECONDS:
                failures = 0
            else:
                failures += 1
            if failures == FAILURES:
                return 1
            time.sleep(POLL_SECONDS * 4**failures)

    def tell_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """As a signal's handler: stop at the next look."""
        self._told_to_stop = True

    def _watch(self, mongod: subprocess.Popen[bytes]) -> bool:
        """Wait until mongod has ended (true) or is not needed any more (false)."""
        while not self._is_over():
            if mongod.poll() is not None:
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _is_over(self) -> bool:
        if self._told_to_stop or os.fstat(self._users).st_nlink == 0:  # or the directory has been removed
            return True
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        # Each collection and index is an open file, and mongod aborts when it may open no more.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        # mongod inherits keeper.lock: while it lives, even after us, nobody starts another on the same files.
        return subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, pass_fds=(self._lock,), preexec_fn=make_death_follow(os.getpid())
        )


def make_death_follow(parent: int) -> Callable[[], None]:
    """What a child calls before it execs, so that the kernel kills it when its parent is gone."""
    libc = ctypes.CDLL(None)

    def follow() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before we asked
            os._exit(1)

    return follow


def stop(mongod: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and end it when it does not."""
    mongod.terminate()
    try:
        mongod.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        mongod.kill()
        mongod.wait()


def main() -> int:
    """Run the keeper that the arguments describe."""
    keeper = Keeper(int(sys.argv[1]), sys.argv[2:])
    signal.signal(signal.SIGTERM, keeper.tell_to_stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())

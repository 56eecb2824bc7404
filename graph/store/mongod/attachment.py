"""Using a private mongod: attach to the one that runs on a data directory, or start it."""

import asyncio
import contextlib
import fcntl
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from graph.store.mongod.directory import DataDirectory, make_uri, prepare_directory
from graph.store.mongod.errors import MongodFailedError, MongodMissingError, PrivateMongodError
from graph.store.mongod.keeper import STOP_SECONDS
from graph.store.mongod.keeper_process import KeeperProcess
from graph.store.mongod.options import MongodOptions
from graph.store.mongod.replica_set import become_primary, is_listening

_WATCH_SECONDS = 0.25
_PAUSE_AFTER_FAILURE_SECONDS = 5.0
_POLL_SECONDS = 0.02
_NOTICE_SECONDS = 1.0


@contextlib.asynccontextmanager
async def private_mongod(data_dir: Path, options: MongodOptions | None = None) -> AsyncIterator[str]:
    """The URI of a writable database on `data_dir`, which lives at least as long as this.

    Raises PrivateMongodError, with what to do, when there is none to be had.
    """
    if sys.platform != "linux":
        raise MongodMissingError(
            "A private database needs Linux. Elsewhere, set PROMPTGRAPH_MONGODB_URL or run: docker compose up"
        )
    options = options or MongodOptions()
    directory = prepare_directory(data_dir)
    with directory.open_socket_path() as socket_path:
        users, keeper = await _attach(directory, socket_path, options)
        watch = asyncio.create_task(_watch(keeper), name="keep the keeper")
        try:
            yield make_uri(socket_path)
        finally:
            watch.cancel()
            await asyncio.wait([watch])
            await _leave(users, keeper)


async def _attach(directory: DataDirectory, socket_path: str, options: MongodOptions) -> tuple[int, KeeperProcess]:
    keeper = KeeperProcess(directory, options)
    users = os.open(directory.users_lock, os.O_RDWR)
    try:
        async with asyncio.timeout(options.start_seconds):
            await _lock_shared(users)
            await _wait_until_writable(keeper, socket_path)
    except TimeoutError as error:
        await _leave(users, keeper)
        raise MongodFailedError(
            f"mongod did not come up in {options.start_seconds:g} seconds. Its log: {directory.mongod_log}"
        ) from error
    except BaseException:
        await _leave(users, keeper)
        raise
    return users, keeper


async def _lock_shared(users: int) -> None:
    """Become a user. That waits only for a keeper that is stopping mongod because nobody was left."""
    while True:
        if _try_lock(users, fcntl.LOCK_SH):
            return
        await asyncio.sleep(_POLL_SECONDS)


def _try_lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _wait_until_writable(keeper: KeeperProcess, socket_path: str) -> None:
    while True:
        keeper.ensure()
        if await is_listening(socket_path) and await become_primary(make_uri(socket_path)):
            return
        await asyncio.sleep(_POLL_SECONDS)


async def _watch(keeper: KeeperProcess) -> None:
    """Start another keeper when the present one has been killed, as long as we need a database."""
    log = structlog.get_logger(__name__)
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        try:
            keeper.ensure()
        except (PrivateMongodError, OSError) as error:
            await log.aerror("the private database could not be brought back", reason=str(error))
            await asyncio.sleep(_PAUSE_AFTER_FAILURE_SECONDS)


async def _leave(users: int, keeper: KeeperProcess) -> None:
    """Give the lock back; the last one out waits until mongod has stopped, so that nothing stays behind."""
    try:
        was_last = _try_lock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_UN)
        if was_last or not _try_lock(users, fcntl.LOCK_SH):
            fcntl.flock(users, fcntl.LOCK_UN)
            await _wait_until_gone(users, keeper)
    finally:
        os.close(users)
        keeper.hand_over()


async def _wait_until_gone(users: int, keeper: KeeperProcess) -> None:
    started = time.monotonic()
    while (waited := time.monotonic() - started) < STOP_SECONDS + _NOTICE_SECONDS:
        if keeper.is_gone():
            return
        # By now the keeper would have noticed, and hold the lock: somebody else has come and needs it.
        if waited > _NOTICE_SECONDS and _try_lock(users, fcntl.LOCK_SH):
            return
        await asyncio.sleep(_POLL_SECONDS)

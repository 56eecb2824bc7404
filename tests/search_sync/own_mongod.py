"""A mongod that a test may kill, tell to fail, or give so small an oplog that it forgets."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from graph.store.mongod.binary import find_mongod
from graph.store.mongod.directory import make_uri, prepare_directory
from graph.store.mongod.options import MongodOptions, make_command
from graph.store.mongod.replica_set import become_primary, is_listening


class OwnMongod:
    """One process on a directory of its own. `url` is good before, during and after a kill."""

    def __init__(self, path: Path, socket_path: str, options: MongodOptions) -> None:
        self._directory = prepare_directory(path)
        self._socket_path = socket_path
        self._command = [
            *make_command(find_mongod(), self._directory, options),
            *("--setParameter", "enableTestCommands=1"),
            *("--syncdelay", "1"),  # the oplog is cut off at checkpoints, which come once a minute else
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = make_uri(socket_path)

    async def start(self) -> None:
        with self._directory.keeper_log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=self._directory.path, stdout=log, stderr=log)  # noqa: ASYNC220
        async with asyncio.timeout(60):
            while not (await is_listening(self._socket_path) and await become_primary(self.url)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As the kernel does it when it is out of memory."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)


@asynccontextmanager
async def own_mongod(path: Path, options: MongodOptions | None = None) -> AsyncIterator[OwnMongod]:
    directory = prepare_directory(path)
    with directory.open_socket_path() as socket_path:
        mongod = OwnMongod(path, socket_path, options or MongodOptions())
        await mongod.start()
        try:
            yield mongod
        finally:
            await mongod.kill()


@asynccontextmanager
async def failing(
    client: AsyncMongoClient[dict[str, Any]],
    commands: list[str],
    code: int,
    times: int,
) -> AsyncIterator[None]:
    """The next so many of these commands, whoever sends them, fail with this code."""
    data = {"failCommands": commands, "errorCode": code}
    await client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data})
    try:
        yield
    finally:
        told = await client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert told["count"] > 0, "it was not asked, so that nothing is proved"


async def forget_history(client: AsyncMongoClient[dict[str, Any]], before: Any) -> None:
    """Writes so much elsewhere that the oplog begins after `before`, a cluster time."""
    ballast, oplog = client["neighbour"]["ballast"], client["local"]["oplog.rs"]
    async with asyncio.timeout(60):
        while True:
            first = await oplog.find_one(sort=[("$natural", 1)])
            if first and first["ts"] > before:
                return
            await ballast.insert_many([{"text": "x" * 100_000} for _ in range(20)])
            await ballast.delete_many({})
            await asyncio.sleep(0.1)

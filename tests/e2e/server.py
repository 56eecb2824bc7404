"""The console command in a process of its own, asked over HTTP as a user would, and ended as users and kernels do."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from graph.store.mongod.attachment import private_mongod
from tests.clock import awake_seconds
from tests.store.mongod.conftest import list_processes, wait_until

COMMAND = Path(sys.executable).with_name("promptgraph")
START_SECONDS = 60.0  # the machine that tests is a busy one
STORE_TIMEOUT = "PROMPTGRAPH_STORE_TIMEOUT_SECONDS"
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long that took."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    seconds: float

    @property
    def data(self) -> dict[str, Any]:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str


class Server:
    """`promptgraph serve` on a data directory; what it says of itself goes to a file beside that."""

    def __init__(self, data_dir: Path, session: aiohttp.ClientSession, environment: Mapping[str, str]) -> None:
        self.data_dir = data_dir
        self.log = data_dir.with_name(data_dir.name + ".log")
        self.url = ""
        self._session = session
        self._environment = environment
        self._process: Process | None = None

    async def start(self, *arguments: str) -> None:
        """Returns when it says that it is ready."""
        with self.log.open("ab") as log:
            words = (str(COMMAND), "serve", "--port", "0", "--data-dir", str(self.data_dir), *arguments)
            self._process = await asyncio.create_subprocess_exec(
                *words, stdout=PIPE, stderr=log, env=clean_environment(self._environment), cwd=self.data_dir.parent
            )
        assert self._process.stdout
        async with asyncio.timeout(START_SECONDS):
            line = (await self._process.stdout.readline()).decode()
        match = re.search(r"http://\S+(?=/graphql)", line)
        assert match, f"it said {line!r}, and: {self.log.read_text()[-2000:]}"
        self.url = match[0]

    @property
    def pid(self) -> int:
        """The process that listens."""
        assert self._process
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def find(self, program: str) -> int:
        """The pid of the data directory's `mongod` or `keeper`."""
        [pid] = list_processes(self.data_dir)[program]
        return pid

    async def stop(self) -> int:
        """As by Ctrl-C; the exit code."""
        return await self._end(signal.SIGINT)

    async def kill(self) -> None:
        """As by `kill -9`: it can say and do nothing any more."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process
        if self.is_running:
            self._process.send_signal(number)
        async with asyncio.timeout(STOP_SECONDS):
            return await self._process.wait()

    async def graphql(
        self, query: str, variables: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Posts a query."""
        return await self.post({"query": query, "variables": dict(variables or {})}, headers)

    async def post(self, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """Posts JSON, or bytes as they are."""
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        return await self._request("POST", "/graphql", headers, **given)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Gets JSON, such as `/readyz` answers."""
        return await self._request("GET", path, headers)

    async def _request(self, method: str, path: str, headers: Mapping[str, str] | None, **given: Any) -> Answer:
        started = awake_seconds()
        async with self._session.request(method, self.url + path, headers=headers, **given) as response:
            body = await response.json()
            return Answer(response.status, body, response.headers, awake_seconds() - started)

    def cpu_seconds(self) -> float:
        """What all threads of the process have used so far, to the nanosecond (proc(5), schedstat)."""
        total = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError):  # it has ended since it was listed
                total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e9


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's own, with these of our settings and no others but the patience of all tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PROMPTGRAPH_")}
    return own | {STORE_TIMEOUT: os.environ[STORE_TIMEOUT]} | dict(settings)


async def run_command(*arguments: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """`promptgraph ARGUMENTS`, until it ends."""
    process = await asyncio.create_subprocess_exec(
        str(COMMAND), *arguments, stdout=PIPE, stderr=PIPE, env=clean_environment(environment or {}), cwd=cwd
    )
    async with asyncio.timeout(START_SECONDS):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def wait_until_gone(data_dir: Path) -> None:
    """Returns when no process works in the data directory any more. Raises TimeoutError."""
    await wait_until(lambda: not list_processes(data_dir))


@contextlib.asynccontextmanager
async def open_database(data_dir: Path) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """The registry's own database, looked at past the server."""
    async with private_mongod(data_dir) as url, AsyncMongoClient[dict[str, Any]](url, tz_aware=True) as client:
        yield client.get_database("promptgraph")

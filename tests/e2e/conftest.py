"""Servers of a test's own; whatever becomes of the test, nothing of them stays behind."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.server import Server, wait_until_gone
from tests.store.mongod.conftest import list_processes

REQUEST_SECONDS = 60.0

MakeServer = Callable[..., Server]


@pytest.fixture
async def make_server(tmp_path: Path) -> AsyncIterator[MakeServer]:
    """Makes a server, to be started, on `tmp_path / data_dir`; further words are its environment."""
    made: list[Server] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(REQUEST_SECONDS)) as session:

        def make(data_dir: str = "data", **environment: str) -> Server:
            made.append(Server(tmp_path / data_dir, session, environment))
            return made[-1]

        yield make
        for server in made:
            if server.is_running:
                await server.kill()
    for server in made:
        wake(server.data_dir)
        await wait_until_gone(server.data_dir)


def wake(data_dir: Path) -> None:
    """Lets go on what a test has stopped."""
    for pid in (pid for pids in list_processes(data_dir).values() for pid in pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

"""Real processes on a real data directory, and a look at which of them live."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

GUEST = Path(__file__).with_name("guest.py")

StartGuest = Callable[[Path], Awaitable[Process]]


def list_processes(data_dir: Path) -> dict[str, list[int]]:
    """The processes that work in `data_dir`, which only a keeper and its mongod do, by program."""
    found: dict[str, list[int]] = {}
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if (process / "cwd").readlink() == data_dir.resolve():
                program = "keeper" if b"keeper.py" in (process / "cmdline").read_bytes() else "mongod"
                found.setdefault(program, []).append(int(process.name))
    return found


async def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # the kernel sends no event when a stranger's process ends
            await asyncio.sleep(0.02)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def start_guest(data_dir: Path) -> AsyncIterator[StartGuest]:
    """Start a process that uses the directory's database; whoever is left is killed after the test."""
    guests: list[Process] = []

    async def start(directory: Path) -> Process:
        guest = await asyncio.create_subprocess_exec(
            sys.executable, str(GUEST), str(directory), stdin=PIPE, stdout=PIPE
        )
        guests.append(guest)
        return guest

    yield start
    for guest in guests:
        if guest.returncode is None:
            guest.kill()
        await guest.wait()
    await wait_until(lambda: not list_processes(data_dir))


async def read_uri(guest: Process) -> str:
    assert guest.stdout
    async with asyncio.timeout(30):
        return (await guest.stdout.readline()).decode().strip()


def kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)

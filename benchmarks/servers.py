"""Servers in processes of their own, each on one core, and the CPU time that they use."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.feed_twin import bare_feed_app
from benchmarks.proxies import UPSTREAM, bare_proxy, stand_in
from benchmarks.search_twin import bare_search_app
from benchmarks.twins import bare_app
from graph.app import create_app
from graph.http.runner import make_runner, settle
from graph.logs import configure_logs
from graph.settings import Settings

SERVER_CORE = 0
DRIVER_CORE = 1
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its process."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time of the process so far."""
        return cpu_seconds(self.pid)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, to a hundredth of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pin(core: int) -> None:
    """Keeps this process on one core, where there is more than one."""
    if core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})


@asynccontextmanager
async def running(kind: str, mongodb_url: str, database: str, place: str | None = None) -> AsyncIterator[Server]:
    """A server of the kind `promptgraph` or one of those that `serve` knows, until the block ends.

    It has a data directory of its own, or `place`. Where another server is in that one already, the other holds the
    index and every lease: the other does all the work behind the answers, and this one answers.
    """
    with ExitStack() as stack:
        data_dir = place or stack.enter_context(tempfile.TemporaryDirectory(prefix="promptgraph-bench-"))
        words = ("-m", "benchmarks.servers", kind, mongodb_url, database, data_dir)
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        try:
            url = (await process.stdout.readline()).decode().strip()
            yield Server(url, process.pid)
        finally:
            process.terminate()
            await process.wait()


async def serve(kind: str, mongodb_url: str, database: str, data_dir: str) -> None:
    """What the process runs."""
    pin(DRIVER_CORE if kind == "stand-in" else SERVER_CORE)
    configure_logs("warning")
    if kind == "bare":
        runner = web.AppRunner(bare_app(mongodb_url, database), access_log=None)
    elif kind == "bare-feed":
        runner = web.AppRunner(bare_feed_app(), access_log=None)
    elif kind == "bare-search":
        runner = web.AppRunner(bare_search_app(mongodb_url, database, Path(data_dir)), access_log=None)
    elif kind == "bare-proxy":
        runner = web.AppRunner(bare_proxy(os.environ[UPSTREAM]), access_log=None)
    elif kind == "stand-in":
        runner = web.AppRunner(stand_in(), access_log=None)
    else:
        # Guarded is as on the open internet: who calls has a key and a limit, here one out of reach.
        guard: dict[str, Any] = (
            {"mongodb_url": mongodb_url, "rate_limit": 10_000_000, "store_timeout_seconds": 10.0}
            if kind == "guarded"
            else {}
        )
        settings = Settings(mongodb_database=database, data_dir=Path(data_dir), **guard)
        runner = make_runner(create_app(settings, mongodb_url), shutdown_seconds=1)
    await runner.setup()
    settle()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))

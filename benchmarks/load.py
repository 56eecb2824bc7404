"""Load over a few connections, and what it took."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from benchmarks.servers import Server, cpu_seconds

WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What requests cost on average, in milliseconds: the server's CPU, mongod's CPU; and latencies, sorted."""

    server: float
    mongod: float
    latencies: tuple[float, ...]
    seconds: float

    def percentile(self, share: float) -> float:
        """A latency in milliseconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.latencies) / self.seconds


Body = Callable[[int], dict[str, Any]]


async def measure(server: Server, path: str, body: Body, requests: int, connections: int, mongod_pid: int) -> Cost:
    """Sends the bodies of the numbers 0 up over so many connections; every answer must be free of errors."""
    async with aiohttp.ClientSession() as session:
        warm = min(WARM_UP, requests // 5)
        await _send(session, server.url + path, body, range(warm), connections)
        before, before_mongod, started = server.cpu_seconds(), cpu_seconds(mongod_pid), time.perf_counter()
        latencies = await _send(session, server.url + path, body, range(warm, warm + requests), connections)
        seconds = time.perf_counter() - started
    return Cost(
        server=(server.cpu_seconds() - before) / requests * 1000,
        mongod=(cpu_seconds(mongod_pid) - before_mongod) / requests * 1000,
        latencies=tuple(sorted(latencies)),
        seconds=seconds,
    )


async def _send(session: aiohttp.ClientSession, url: str, body: Body, numbers: range, connections: int) -> list[float]:
    latencies: list[float] = []

    async def work(share: range) -> None:
        for number in share:
            asked = body(number)
            started = time.perf_counter()
            async with session.post(url, json=asked) as response:
                answer = await response.json()
            latencies.append((time.perf_counter() - started) * 1000)
            if response.status != 200 or "errors" in answer or not answer["data"] or _refused(answer["data"]):
                raise RuntimeError(f"not an answer to count: {answer}")

    async with asyncio.TaskGroup() as group:
        for lane in range(connections):
            group.create_task(work(numbers[lane::connections]))
    return latencies


def _refused(data: Any) -> bool:
    return isinstance(data, dict) and any(isinstance(one, dict) and one.get("errors") for one in data.values())

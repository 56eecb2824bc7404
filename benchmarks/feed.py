"""How soon a change is at its subscribers, and what that costs, beside a bare broadcast of the same bytes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.bench import Bench, tell_ratio
from benchmarks.readers import Arrivals, open_readers
from benchmarks.servers import Server, running

SUBSCRIBERS = 1_000
PER_SECOND = 20
AIM = 4.0
FIELDS = "__typename cursor ... on PromptEvent {kind promptId occurredAt isInScope prompt {name}}"
CREATE = """mutation($name: String!) {
  promptCreate(input: {name: $name, template: {text: "Hello {{name}}"}}) {prompt {id} errors {__typename}}
}"""
# As long as what Promptgraph sends, frame and all.
PAYLOAD = (
    '{{"id":"1","type":"next","payload":{{"data":{{"promptEvents":{{"__typename":"PromptChangedEvent",'
    '"cursor":"OtXxxnVFN2MAvTcUWzBd","kind":"CREATED","promptId":"UHJvbXB0OjZiMDE0MGEzYTQ5MmI1Zjg1YzIxOTE1ZQ",'
    '"occurredAt":"2026-11-21T06:56:35.123Z","isInScope":true,"prompt":{{"name":"bench-{number}"}}}}}}}}}}'
)


@dataclass(frozen=True, slots=True)
class Run:
    """What so many subscribers had of so many changes: milliseconds each, sorted; the server's CPU seconds and RSS."""

    latencies: tuple[float, ...]
    delivered: int
    cpu: float
    kilobytes: int

    def percentile(self, share: float) -> float:
        """A latency in milliseconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


async def measure(bench: Bench) -> None:
    """All of it, on fresh databases."""
    changes = min(200, bench.requests)
    async with running("promptgraph", bench.mongodb_url, bench.database) as ours:
        _tell("idle, one subscriber", await _run(ours, 1, changes // 2, 10, _same))
        base = await _run(ours, 1, changes, PER_SECOND, _same)
        many = await _run(ours, SUBSCRIBERS, changes, PER_SECOND, _same)
        _tell(f"{SUBSCRIBERS} subscribers, {PER_SECOND} changes/s", many)
        few = 50
        distinct = await _run(ours, few, changes // 4, 5, _distinct)
        alone = await _run(ours, 1, changes // 4, 5, _same)
    async with running("bare-feed", bench.mongodb_url, bench.database) as bare:
        bare_base = await _run(bare, 1, changes, PER_SECOND, _none)
        bare_many = await _run(bare, SUBSCRIBERS, changes, PER_SECOND, _none)
        _tell("bare broadcast", bare_many)
    cost, bare_cost = _each(many, base), _each(bare_many, bare_base)
    print(f"  CPU for one delivered event: {cost:.1f} µs, bare {bare_cost:.1f} µs")
    tell_ratio("ratio", cost / bare_cost, AIM)
    print(f"  each with a selection of its own ({few} subscribers): {_each(distinct, alone):.0f} µs")
    for name, full, empty in (("memory for one subscriber", many, base), ("bare", bare_many, bare_base)):
        print(f"  {name}: {(full.kilobytes - empty.kilobytes) / (SUBSCRIBERS - 1):.1f} kB")


async def _run(server: Server, subscribers: int, changes: int, rate: int, query: Callable[[int], str | None]) -> Run:
    arrivals, answered = Arrivals(), dict[int, float]()
    path = "/graphql" if query(0) else "/socket"
    readers = await open_readers(server.url, path, subscribers, query, arrivals)
    await asyncio.sleep(1)
    kilobytes, before = _rss(server.pid), server.cpu_seconds()
    first = time.time_ns()  # names are new in each run
    due = time.perf_counter()
    publish = _create if query(0) else _broadcast
    async with aiohttp.ClientSession() as session:
        for number in range(first, first + changes):
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await publish(session, server, number)
            answered[number] = time.perf_counter()
    async with asyncio.timeout(60):
        while arrivals.count < subscribers * changes:  # noqa: ASYNC110 - it is counted in callbacks
            await asyncio.sleep(0.05)
    cpu = server.cpu_seconds() - before
    for reader in readers:
        reader.transport.abort()
    await asyncio.sleep(1)
    latencies = sorted((at - answered[n]) * 1000 for n, times in arrivals.times.items() for at in times)
    return Run(tuple(latencies), arrivals.count, cpu, kilobytes)


async def _create(session: aiohttp.ClientSession, server: Server, number: int) -> None:
    body = {"query": CREATE, "variables": {"name": f"bench-{number}"}}
    async with session.post(server.url + "/graphql", json=body) as response:
        answer = await response.json()
    if "errors" in answer or answer["data"]["promptCreate"]["errors"]:
        raise RuntimeError(f"not a change to count: {answer}")


async def _broadcast(session: aiohttp.ClientSession, server: Server, number: int) -> None:
    async with session.post(server.url + "/publish", data=PAYLOAD.format(number=number)) as response:
        await response.read()


def _same(number: int) -> str:
    return f"subscription {{promptEvents {{{FIELDS}}}}}"


def _distinct(number: int) -> str:
    return f"subscription {{promptEvents {{{FIELDS} own{number}: cursor}}}}"


def _none(number: int) -> None:
    return None


def _each(many: Run, base: Run) -> float:
    """Microseconds for one more delivery: what the changes themselves cost is in the base too."""
    return (many.cpu - base.cpu) / (many.delivered - base.delivered) * 1e6


def _rss(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def _tell(what: str, run: Run) -> None:
    print(
        f"  {what:<40} p50 {run.percentile(0.5):6.1f} ms  p99 {run.percentile(0.99):6.1f} ms  {run.delivered} delivered"
    )

"""Sixty-four connections for a minute, one request in twenty hostile: the honest ones must not feel it.

Every caller has a key and a limit, as on the open internet. An honest request that is not answered well ends the
measurement; a hostile one must be refused. Memory is looked at each second.
"""

import asyncio
import time
from collections import Counter
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from benchmarks.bench import Bench
from benchmarks.queries import ONE, PAGE, SEARCH
from benchmarks.reads import TEXT
from benchmarks.servers import Server, running
from graph.domain.actors import Scope
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import TextTemplate
from graph.operations.access import LOCAL_ACCESS
from graph.operations.api_keys import create_key
from graph.operations.prompts import create_prompt
from graph.registry import open_registry
from graph.settings import Settings

CONNECTIONS = 64
PROMPTS = 100
HOSTILE_IN = 20
WARM_UP_SECONDS = 5.0

HOSTILE = (
    {"query": "{prompts{nodes{" + "latestVersion{prompt{" * 40 + "id" + "}}" * 40 + "}}}"},
    {"query": "{" + "".join(f"a{n}:viewer{{scopes}}" for n in range(1_000)) + "}"},
    {"query": '{prompt(by:{name:"a"}){' + "latestVersion{number}" * 480 + "}}"},
    {"query": "{viewer{...A}} fragment A on Viewer{...B} fragment B on Viewer{...A}"},
    {"query": "{prompts(first:100){nodes{versions(first:100){nodes{prompt{ratings(first:100){nodes{score}}}}}}}}"},
    {"query": "query($i:[ID!]!){nodes(ids:$i){id}}", "variables": {"i": ["a"] * 100_000}},
    {"query": "{viewer{scopes " + "@include(if:true)" * 400 + "}}"},
    {"query": "x" * 500_000},
    [{"query": "{viewer{scopes}}"}] * 1_000,
)


class Tally:
    """What came back: seconds of honest answers, codes of refusals, and the server's memory as time went by."""

    def __init__(self) -> None:
        self.honest: list[float] = []
        self.codes: Counter[str] = Counter()
        self.memory: list[float] = []


async def endure(bench: Bench) -> None:
    """The measurement."""
    keys = await _fill(bench)
    tally = Tally()
    async with running("guarded", bench.mongodb_url, bench.database) as server, aiohttp.ClientSession() as session:
        numbers = count()
        until = time.monotonic() + bench.seconds
        async with asyncio.TaskGroup() as group:
            for key in keys:
                group.create_task(_work(session, server, key, numbers, until, tally))
            group.create_task(_watch(server, until, tally))
    _tell(bench, tally)


async def _fill(bench: Bench) -> list[str]:
    """Prompts, and a key for each connection."""
    settings = Settings(mongodb_database=bench.database)
    async with open_registry(settings, bench.mongodb_url) as deps:
        for number in range(PROMPTS):
            version = VersionDraft(TextTemplate(f"{number}: {TEXT}"))
            await create_prompt(deps, LOCAL_ACCESS, PromptDraft(f"bench/{number:03}", version))
        made = [await create_key(deps, LOCAL_ACCESS, f"load-{n}", [Scope.PROMPTS_READ]) for n in range(CONNECTIONS)]
    return [one.secret for one in made]


async def _work(
    session: aiohttp.ClientSession, server: Server, key: str, numbers: "count[int]", until: float, tally: Tally
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    while time.monotonic() < until:
        number = next(numbers)
        is_hostile = number % HOSTILE_IN == 0
        asked: Any = HOSTILE[number // HOSTILE_IN % len(HOSTILE)] if is_hostile else _honest(number)
        started = time.perf_counter()
        async with session.post(server.url + "/graphql", json=asked, headers=headers) as response:
            answer = await response.json()
        if is_hostile:
            tally.codes[answer["errors"][0]["extensions"]["code"]] += 1
        elif response.status != 200 or "errors" in answer:
            raise RuntimeError(
                f"an honest request failed after {time.perf_counter() - started:.1f} s, number {number}: {answer}"
            )
        else:
            tally.honest.append(time.perf_counter() - started)


def _honest(number: int) -> dict[str, Any]:
    if number % 10 == 1:
        return {"query": PAGE}
    if number % 10 == 2:
        return {"query": SEARCH, "variables": {"text": "answer brief"}}
    return {"query": ONE, "variables": {"name": f"bench/{number % PROMPTS:03}"}}


async def _watch(server: Server, until: float, tally: Tally) -> None:
    await asyncio.sleep(WARM_UP_SECONDS)
    while time.monotonic() < until:
        tally.memory.append(_resident_mebibytes(server.pid))
        await asyncio.sleep(1)


def _resident_mebibytes(pid: int) -> float:
    fields = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def _tell(bench: Bench, tally: Tally) -> None:
    latencies = sorted(tally.honest)
    p50, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.99))
    codes = ", ".join(f"{code} {times}" for code, times in tally.codes.most_common())
    quarter = max(1, len(tally.memory) // 4)
    first, last, most = median(tally.memory[:quarter]), median(tally.memory[-quarter:]), max(tally.memory)
    print(f"  {CONNECTIONS} connections for {bench.seconds:.0f} s: {len(latencies)} honest answers, 0 errors")
    print(f"  honest      {len(latencies) / bench.seconds:.0f}/s  p50 {p50:.1f} ms  p99 {p99:.1f} ms")
    print(f"  hostile     {sum(tally.codes.values())} refused: {codes}")
    print(f"  memory      {first:.0f} MiB in the first quarter, {last:.0f} in the last, at most {most:.0f}")

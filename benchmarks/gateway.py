"""The gateway against a bare proxy: the same request reaches the same stand-in for a provider."""

import asyncio
import os
import time
from statistics import median
from typing import Any

import aiohttp

from benchmarks.bench import ROUNDS, Bench, ask, tell, tell_ratio
from benchmarks.load import Cost
from benchmarks.proxies import PATH, PAUSE_SECONDS, UPSTREAM
from benchmarks.queries import CREATE
from benchmarks.servers import Server, cpu_seconds, running

Body = dict[str, Any]

SYSTEM = "You are {{persona}}. Answer in {{language}}.\n" + "Weigh what was asked, then answer it briefly. " * 20
VALUES = {"persona": "a friendly clerk", "language": "English"}
ASKED = {"role": "user", "content": "Where is my parcel? I ordered it two weeks ago. " * 4}
STREAMS = 20
LANES = 4
AIM_MS = 2.0
AIM_RATIO = 2.5


async def compare(bench: Bench) -> None:
    """Whole answers by latency and CPU, then the first byte of streams."""
    async with running("stand-in", bench.mongodb_url, bench.database) as stand_in:
        os.environ[UPSTREAM] = stand_in.url
        try:
            async with (
                running("promptgraph", bench.mongodb_url, bench.database) as ours,
                running("bare-proxy", bench.mongodb_url, bench.database) as bare,
            ):
                await _compare(bench, ours, bare)
        finally:
            del os.environ[UPSTREAM]


async def _compare(bench: Bench, ours: Server, bare: Server) -> None:
    template = {"chat": [{"message": {"role": "SYSTEM", "content": SYSTEM}}]}
    await ask(ours, CREATE, {"input": {"name": "bench/gateway", "template": template, "modelSettings": {"model": "m"}}})
    with_prompt = {"prompt_id": "bench/gateway", "prompt_variables": VALUES, "messages": [ASKED]}
    filled = SYSTEM.replace("{{persona}}", VALUES["persona"]).replace("{{language}}", VALUES["language"])
    forwarded = {"model": "m", "messages": [{"role": "system", "content": filled}, ASKED]}
    alone = [(await _measure(bench, ours, with_prompt), await _measure(bench, bare, forwarded)) for _ in range(ROUNDS)]
    tell("a call with a prompt, one by one", alone[0][0])
    tell("the same, bare proxy", alone[0][1])
    tell_ratio("added at p50, ms", median(one.percentile(0.5) - two.percentile(0.5) for one, two in alone), AIM_MS)
    pairs = [
        (await _measure(bench, ours, with_prompt, LANES), await _measure(bench, bare, forwarded, LANES))
        for _ in range(ROUNDS)
    ]
    mine, theirs = (sorted(costs, key=lambda cost: cost.server)[ROUNDS // 2] for costs in zip(*pairs, strict=True))
    tell(f"a call with a prompt, {LANES} at once", mine)
    tell("the same, bare proxy", theirs)
    tell_ratio("ratio of CPU", median(one.server / two.server for one, two in pairs), AIM_RATIO)
    plain = await _measure(bench, ours, forwarded, LANES)
    tell(f"a call without a prompt, {LANES} at once", plain)
    first, first_bare = [await _first_bytes(one, body) for one, body in ((ours, with_prompt), (bare, forwarded))]
    print(
        f"  first byte of a stream: {first:.2f} ms, bare {first_bare:.2f} ms; the second comes {PAUSE_SECONDS} s later"
    )
    tell_ratio("added to the first byte, ms", first - first_bare, AIM_MS)


async def _measure(bench: Bench, server: Server, body: Body, lanes: int = 1) -> Cost:
    """By one connection latencies are those of a request and not of a queue; CPU is compared as everywhere here."""
    async with aiohttp.ClientSession() as session:
        await _send(session, server, body, bench.requests // 5, lanes)
        before, before_mongod, started = server.cpu_seconds(), cpu_seconds(bench.mongod_pid), time.perf_counter()
        latencies = await _send(session, server, body, bench.requests, lanes)
        seconds = time.perf_counter() - started
    return Cost(
        server=(server.cpu_seconds() - before) / bench.requests * 1000,
        mongod=(cpu_seconds(bench.mongod_pid) - before_mongod) / bench.requests * 1000,
        latencies=tuple(sorted(latencies)),
        seconds=seconds,
    )


async def _send(session: aiohttp.ClientSession, server: Server, body: Body, count: int, lanes: int) -> list[float]:
    latencies: list[float] = []

    async def work(share: int) -> None:
        for _ in range(share):
            started = time.perf_counter()
            async with session.post(f"{server.url}/v1{PATH}", json=body) as response:
                answer = await response.json()
            latencies.append((time.perf_counter() - started) * 1000)
            if not answer.get("choices"):
                raise RuntimeError(f"not an answer to count: {answer}")

    await asyncio.gather(*[work(count // lanes) for _ in range(lanes)])
    return latencies


async def _first_bytes(server: Server, body: Body) -> float:
    """The median time to the first byte of a stream, in milliseconds."""
    times = []
    async with aiohttp.ClientSession() as session:
        for _ in range(STREAMS):
            started = time.perf_counter()
            async with session.post(f"{server.url}/v1{PATH}", json={**body, "stream": True}) as response:
                await response.content.readany()
                times.append((time.perf_counter() - started) * 1000)
                await response.read()
    return median(times)

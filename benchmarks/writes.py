"""Writes: appends against the bare transaction, and many raters of one prompt."""

import asyncio
import tempfile
import time
from itertools import count
from typing import Any

import aiohttp
from pymongo import AsyncMongoClient

from benchmarks.bench import Bench, ask, tell, tell_ratio
from benchmarks.load import Cost
from benchmarks.queries import APPEND, CREATE, RATE
from benchmarks.servers import Server, cpu_seconds, running
from benchmarks.twins import BARE_PROMPTS

WRITERS = 16
RATERS = 16
RATINGS_EACH = 40
AIM_P99 = 250
SETTLING_SECONDS = 0.5


async def appends(bench: Bench) -> None:
    """CPU of an append against the bare transaction, at 1 and at 16 writers, and of the work behind it.

    Two servers share a data directory: the first to come numbers, indexes and delivers, the second only answers. So
    what an answer takes and what follows it are told apart, and the ratio compares like with like: the twin numbers
    and indexes nothing.
    """
    requests = max(160, bench.requests // 4) // WRITERS * WRITERS
    with tempfile.TemporaryDirectory(prefix="promptgraph-bench-") as place:
        async with (
            running("promptgraph", bench.mongodb_url, bench.database, place) as behind,
            running("promptgraph", bench.mongodb_url, bench.database, place) as ours,
            running("bare", bench.mongodb_url, bench.database) as bare,
        ):
            ratios = []
            for writers in (1, WRITERS, 1, WRITERS):
                before = behind.cpu_seconds()
                mine = await _append(bench, ours, "/graphql", writers, requests)
                await asyncio.sleep(SETTLING_SECONDS)
                followed = (behind.cpu_seconds() - before) / requests * 1000
                theirs = await _append(bench, bare, "/append", writers, requests, made_by=ours)
                tell(f"append, writers: {writers}", mine)
                print(f"  {'what follows it':<34} {followed:7.3f} ms CPU")
                tell(f"append, bare, writers: {writers}", theirs)
                ratios.append(mine.server / theirs.server)
            tell_ratio("append, median ratio of CPU", sorted(ratios)[len(ratios) // 2 - 1], 1.5)


_runs = count()


async def _append(
    bench: Bench, server: Server, path: str, writers: int, requests: int, made_by: Server | None = None
) -> Cost:
    """Each writer appends to a prompt of its own, over a connection of its own."""
    run = next(_runs)
    ids = []
    for writer in range(writers):
        draft = {"name": f"append/{run}/{writer}", "template": {"text": "0"}}
        made = await ask(made_by or server, CREATE, {"input": draft})
        ids.append(made["promptCreate"]["prompt"]["id"])
    if made_by:
        ids = await _copy_for_twin(bench, [f"append/{run}/{writer}" for writer in range(writers)])

    def body(number: int) -> dict[str, Any]:
        lane, expected, text = number % writers, number // writers + 1, f"{number} " * 50
        if made_by:
            return {"variables": {"id": ids[lane], "expected": expected, "text": text}}
        given = {"promptId": ids[lane], "expectedLatest": expected, "template": {"text": text}}
        return {"query": APPEND, "variables": {"input": given}}

    return await _in_lanes(bench, server, path, body, writers, requests)


async def _in_lanes(bench: Bench, server: Server, path: str, body: Any, lanes: int, requests: int) -> Cost:
    """Lane by lane in order, so that every append knows its latest."""
    latencies: list[float] = []

    async def work(session: aiohttp.ClientSession, lane: int) -> None:
        for number in range(lane, requests, lanes):
            started = time.perf_counter()
            async with session.post(server.url + path, json=body(number)) as response:
                answer = await response.json()
            latencies.append((time.perf_counter() - started) * 1000)
            if "errors" in answer or not answer["data"] or _is_refused(answer["data"]):
                raise RuntimeError(f"not an answer to count: {answer}")

    before, before_mongod, started = server.cpu_seconds(), cpu_seconds(bench.mongod_pid), time.perf_counter()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for lane in range(lanes):
            group.create_task(work(session, lane))
    return Cost(
        server=(server.cpu_seconds() - before) / requests * 1000,
        mongod=(cpu_seconds(bench.mongod_pid) - before_mongod) / requests * 1000,
        latencies=tuple(sorted(latencies)),
        seconds=time.perf_counter() - started,
    )


def _is_refused(data: dict[str, Any]) -> bool:
    return any(isinstance(one, dict) and one.get("errors") for one in data.values())


async def _copy_for_twin(bench: Bench, names: list[str]) -> list[str]:
    """Their ids, in a collection of the twin's own: what it writes there, nobody numbers, indexes or follows."""
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url) as client:
        prompts = client[bench.database]["prompts"]
        copying = await prompts.aggregate([{"$match": {"name": {"$in": names}}}, {"$merge": BARE_PROMPTS}])
        await copying.close()
        ids = {document["name"]: str(document["_id"]) async for document in prompts.find({"name": {"$in": names}})}
    return [ids[name] for name in names]


async def raters(bench: Bench) -> None:
    """Sixteen raters of one hot prompt."""
    async with running("promptgraph", bench.mongodb_url, bench.database) as ours:
        made = await ask(ours, CREATE, {"input": {"name": "hot", "template": {"text": "x"}}})
        prompt_id = made["promptCreate"]["prompt"]["id"]
        latencies: list[float] = []

        async def rate(session: aiohttp.ClientSession, rater: int) -> None:
            for turn in range(RATINGS_EACH):
                given = {"promptId": prompt_id, "score": (rater + turn) % 5 + 1}
                asked = {"query": RATE, "variables": {"input": given}}
                started = time.perf_counter()
                headers = {"X-Promptgraph-Actor": f"rater-{rater}"}
                async with session.post(ours.url + "/graphql", json=asked, headers=headers) as response:
                    answer = await response.json()
                latencies.append((time.perf_counter() - started) * 1000)
                if answer["data"]["promptRate"]["errors"]:
                    raise RuntimeError(f"not an answer to count: {answer}")

        started = time.perf_counter()
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for rater in range(RATERS):
                group.create_task(rate(session, rater))
        seconds = time.perf_counter() - started
    latencies.sort()
    p99 = latencies[int(len(latencies) * 0.99)]
    print(f"  {RATERS} raters: p50 {latencies[len(latencies) // 2]:.0f} ms, p99 {p99:.0f} ms (under {AIM_P99}),")
    print(f"  {len(latencies) / seconds:.0f} ratings/s")

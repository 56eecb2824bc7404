"""Search: what it costs beside a bare twin and as the registry grows, and how fast a change is found."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from benchmarks.bench import Bench, ask, tell, tell_ratio
from benchmarks.corpus import WORDS, fill, word
from benchmarks.load import Body
from benchmarks.queries import CREATE, SEARCH
from benchmarks.servers import Server, running

QUERIES = {"selective": word(WORDS // 4), "middling": word(200), "broad": word(0)}
REQUESTS = 400
PUBLISHED = 100
WRITES_A_SECOND = 50


def body(text: str) -> dict[str, Any]:
    """A search with three facets."""
    return {"query": SEARCH, "variables": {"text": text}}


def same(text: str) -> Body:
    """The same search each time."""
    return lambda _: body(text)


async def compare(bench: Bench) -> None:
    """Three queries with three facets, each against the bare twin."""
    await fill(bench.mongodb_url, bench.database, bench.prompts)
    async with (
        running("promptgraph", bench.mongodb_url, bench.database) as ours,
        running("bare-search", bench.mongodb_url, bench.database) as bare,
    ):
        await wait_for(ours, bench.prompts)
        for what, text in QUERIES.items():
            found = (await ask(ours, SEARCH, {"text": text}))["promptSearch"]["totalCount"]
            mine, theirs, ratio = await bench.paired(
                (ours, "/graphql", same(text)), (bare, "/search", same(text)), REQUESTS
            )
            tell(f"{what}, {found} of {bench.prompts}", mine)
            tell(f"{what}, bare", theirs)
            tell_ratio(f"{what}, ratio of CPU", ratio, 2)


async def grow(bench: Bench) -> None:
    """The same queries as the registry grows."""
    sizes = [size for size in (1_000, 10_000, 100_000) if size <= bench.prompts] or [bench.prompts]
    before = 0
    for size in sizes:
        await fill(bench.mongodb_url, bench.database, size, before)
        before = size
        async with running("promptgraph", bench.mongodb_url, bench.database) as server:
            await wait_for(server, size)
            for what, text in QUERIES.items():
                tell(f"{size}, {what}", await bench.cost(server, "/graphql", same(text), REQUESTS))


async def publish(bench: Bench) -> None:
    """From the mutation's answer to the hit, when nothing else happens and under 50 writes a second."""
    async with running("promptgraph", bench.mongodb_url, bench.database) as server:
        await ask(server, CREATE, draft("warm", "warm"))
        tell_waits("publish to findable, idle", [await find_new(server, f"idle{n}") for n in range(PUBLISHED)])
        async with writing(server):
            tell_waits(
                f"publish to findable, {WRITES_A_SECOND} writes/s",
                [await find_new(server, f"busy{n}") for n in range(PUBLISHED)],
            )


def draft(name: str, text: str) -> dict[str, Any]:
    """A prompt to create."""
    return {"input": {"name": name, "template": {"text": text}}}


async def wait_for(server: Server, count: int) -> None:
    """Returns when so many prompts are found."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.post(server.url + "/graphql", json=body("")) as response:
                found = (await response.json())["data"]["promptSearch"]
            if found and found["totalCount"] >= count:
                return
            await asyncio.sleep(0.2)


async def find_new(server: Server, name: str) -> float:
    """Milliseconds until a new prompt is found by its name, without waiting for its token."""
    async with aiohttp.ClientSession() as session:
        async with session.post(
            server.url + "/graphql", json={"query": CREATE, "variables": draft(name, "new")}
        ) as response:
            await response.read()
        started = time.perf_counter()
        while True:
            async with session.post(server.url + "/graphql", json=body(name)) as response:
                edges = (await response.json())["data"]["promptSearch"]["edges"]
            if any(edge["node"]["name"] == name for edge in edges):
                return (time.perf_counter() - started) * 1_000


@asynccontextmanager
async def writing(server: Server) -> AsyncIterator[None]:
    """So many new prompts a second, as long as this is open."""

    async def write() -> None:
        number, began = 0, time.perf_counter()
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            while True:
                sent = {"query": CREATE, "variables": draft(f"load/{number}", f"{word(number % WORDS)} load")}
                group.create_task(_post(session, server.url + "/graphql", sent))
                number += 1
                await asyncio.sleep(max(0.0, began + number / WRITES_A_SECOND - time.perf_counter()))

    task = asyncio.create_task(write())
    await asyncio.sleep(1)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _post(session: aiohttp.ClientSession, url: str, sent: dict[str, Any]) -> None:
    async with session.post(url, json=sent) as response:
        await response.read()


def tell_waits(what: str, waits: list[float]) -> None:
    """Two percentiles in milliseconds."""
    ordered = sorted(waits)
    print(f"  {what:<40} p50 {ordered[len(ordered) // 2]:6.1f} ms  p99 {ordered[int(len(ordered) * 0.99) - 1]:6.1f} ms")

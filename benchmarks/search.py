"""Search: what it costs beside a bare twin and as the registry grows, how fast a change is found, and indexing."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import tantivy
from pymongo import AsyncMongoClient

from benchmarks.bench import Bench, ask, tell, tell_ratio
from benchmarks.corpus import WORDS, fill, word
from benchmarks.load import Body
from benchmarks.queries import CREATE, SEARCH
from benchmarks.servers import Server, running
from search_sync.index.document import SearchDocument
from search_sync.index.protocol import Batch
from search_sync.index.tantivy import TantivyIndex
from search_sync.index.tantivy_schema import build_document, build_schema
from search_sync.projection import project
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import State
from search_sync.worker import Worker

QUERIES = {"selective": word(WORDS // 4), "middling": word(200), "broad": word(0)}
REQUESTS = 400
PUBLISHED = 100
WRITES_A_SECOND = 50
HEAP_BYTES = 50_000_000
PAGE = 2_000


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


async def index(bench: Bench) -> None:
    """The same documents into a bare Tantivy, into the index's rebuild, and from the database by the worker."""
    await fill(bench.mongodb_url, bench.database, bench.prompts)
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        documents = await read_all(PromptSource(client[bench.database], 60))
        with tempfile.TemporaryDirectory() as place:
            bare = await asyncio.to_thread(index_bare, Path(place), documents)
            ours = await index_by_rebuild(Path(place, "ours"), documents)
            whole = await backfill(Path(place, "whole"), client, bench.database)
    for what, seconds in (("bare Tantivy", bare), ("rebuild", ours), ("backfill from MongoDB", whole)):
        print(
            f"  {what:<34} {seconds:7.2f} s  {len(documents) / seconds:7.0f} prompts/s  {bare / seconds:5.0%} of bare"
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


async def read_all(source: PromptSource) -> list[SearchDocument]:
    """Every prompt, projected."""
    found: list[SearchDocument] = []
    after, characters = None, SyncSettings().text_characters
    while page := await source.page(after, PAGE):
        after = page[-1]["_id"]
        found += [project(document, characters) for document in page]
    return found


def index_bare(place: Path, documents: list[SearchDocument]) -> float:
    """Seconds of a loop that adds them all and commits once."""
    place.joinpath("bare").mkdir()
    schema = build_schema()
    writer = tantivy.Index(schema, path=str(place / "bare")).writer(HEAP_BYTES)
    started = time.perf_counter()
    for document in documents:
        writer.add_document(build_document(document, schema))
    writer.commit()
    return time.perf_counter() - started


async def index_by_rebuild(place: Path, documents: list[SearchDocument]) -> float:
    """Seconds of a rebuild that is given them in batches."""
    opened = await TantivyIndex.open(place, heap_bytes=HEAP_BYTES)
    started = time.perf_counter()
    rebuild = await opened.rebuild()
    for start in range(0, len(documents), PAGE):
        await rebuild.write(Batch(documents[start : start + PAGE]))
    await rebuild.finish("bench")
    seconds = time.perf_counter() - started
    await opened.close()
    return seconds


async def backfill(place: Path, client: AsyncMongoClient[dict[str, Any]], database: str) -> float:
    """Seconds of a worker's whole first run: read, project, write, swap."""
    opened = await TantivyIndex.open(place, heap_bytes=HEAP_BYTES)
    worker = Worker(client, database, opened, SyncSettings())
    started = time.perf_counter()
    task = asyncio.create_task(worker.run())
    while worker.status.state is not State.FOLLOWING:  # noqa: ASYNC110  # a status has no event
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - started
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await opened.close()
    return seconds

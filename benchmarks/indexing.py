"""Indexing: a worker's first run, and the index's rebuild alone, beside a bare Tantivy loop over the same documents."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import tantivy
from pymongo import AsyncMongoClient

from benchmarks.bench import Bench
from benchmarks.corpus import fill
from benchmarks.servers import DRIVER_CORE, pin
from graph.logs import configure_logs
from search_sync.index.document import SearchDocument
from search_sync.index.protocol import Batch
from search_sync.index.tantivy import TantivyIndex
from search_sync.index.tantivy_schema import build_document, build_schema
from search_sync.projection import project
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import State
from search_sync.worker import Worker

HEAP_BYTES = 50_000_000
PAGE = 2_000
ROUNDS = 3
KIBIBYTES = 1_024


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds by the clock and of this process's CPU; MiB of memory before, and at most until its end."""

    seconds: float
    cpu: float
    before: float = 0.0
    peak: float = 0.0


async def index(bench: Bench) -> None:
    """The same documents into a bare Tantivy, into the index's rebuild, and from the database by a worker, in turn.

    All on every core that there is. The worker has a process of its own, whose memory is told.
    """
    await fill(bench.mongodb_url, bench.database, bench.prompts)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        documents = await read_all(PromptSource(client[bench.database], 60))
    runs: dict[str, list[Run]] = {"bare Tantivy": [], "rebuild": [], "backfill from MongoDB": []}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as place:
            runs["bare Tantivy"].append(await timed(lambda: index_bare(Path(place, "bare"), documents)))
            runs["rebuild"].append(await timed(lambda: index_by_rebuild(Path(place, "ours"), documents)))
        runs["backfill from MongoDB"].append(await backfill_apart(bench.mongodb_url, bench.database))
    pin(DRIVER_CORE)
    for what, found in runs.items():
        tell(what, found, runs["bare Tantivy"], len(documents))
    memory = max(runs["backfill from MongoDB"], key=lambda run: run.peak)
    print(f"  memory of the worker: {memory.before:.0f} MiB before, {memory.peak:.0f} at most")


def tell(what: str, runs: list[Run], bare: list[Run], count: int) -> None:
    """The median, and the median of the ratios run by run."""
    seconds = median(run.seconds for run in runs)
    by_clock = median(theirs.seconds / ours.seconds for ours, theirs in zip(runs, bare, strict=True))
    by_cpu = median(theirs.cpu / ours.cpu for ours, theirs in zip(runs, bare, strict=True))
    cpu = median(run.cpu for run in runs)
    print(
        f"  {what:<24} {seconds:7.2f} s  {cpu:7.2f} s CPU  {count / seconds:7.0f} prompts/s"
        f"  {by_clock:5.0%} of bare, {by_cpu:5.0%} by CPU"
    )


async def timed(deed: Callable[[], Awaitable[None]]) -> Run:
    """What it took."""
    started, cpu, before = time.perf_counter(), time.process_time(), peak_mebibytes()
    await deed()
    return Run(time.perf_counter() - started, time.process_time() - cpu, before, peak_mebibytes())


def peak_mebibytes() -> float:
    """The most memory that this process has had so far. (What `resource` tells is also of who started it.)"""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / KIBIBYTES


async def read_all(source: PromptSource) -> list[SearchDocument]:
    """Every prompt, projected."""
    found: list[SearchDocument] = []
    after, characters = None, SyncSettings().text_characters
    while page := await source.page(after, PAGE):
        after = page[-1]["_id"]
        found += [project(document, characters) for document in page]
    return found


async def index_bare(place: Path, documents: list[SearchDocument]) -> None:
    """A loop that adds them all and commits once."""

    def add_all() -> None:
        place.mkdir()
        schema = build_schema()
        writer = tantivy.Index(schema, path=str(place)).writer(HEAP_BYTES)
        for document in documents:
            writer.add_document(build_document(document, schema))
        writer.commit()

    await asyncio.to_thread(add_all)


async def index_by_rebuild(place: Path, documents: list[SearchDocument]) -> None:
    """A rebuild that is given them in batches."""
    opened = await TantivyIndex.open(place, heap_bytes=HEAP_BYTES)
    rebuild = await opened.rebuild()
    for start in range(0, len(documents), PAGE):
        await rebuild.write(Batch(documents[start : start + PAGE]))
    await rebuild.finish("bench")
    await opened.close()


async def backfill_apart(url: str, database: str) -> Run:
    """`backfill` in a process of its own."""
    words = (sys.executable, "-m", "benchmarks.indexing", url, database)
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    return Run(**json.loads(told))


async def backfill(url: str, database: str) -> Run:
    """A worker's whole first run: read, project, write, swap."""

    async def work() -> None:
        worker = Worker(client, database, opened, SyncSettings())
        task = asyncio.create_task(worker.run())
        while worker.status.state is not State.FOLLOWING:  # noqa: ASYNC110  # a status has no event
            await asyncio.sleep(0.02)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    with tempfile.TemporaryDirectory() as place:
        opened = await TantivyIndex.open(Path(place), heap_bytes=HEAP_BYTES)
        async with AsyncMongoClient[dict[str, Any]](url) as client:
            await client.admin.command("ping")
            run = await timed(work)
        await opened.close()
    return run


if __name__ == "__main__":
    configure_logs("warning")
    print(json.dumps(asdict(asyncio.run(backfill(*sys.argv[1:])))))

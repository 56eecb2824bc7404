"""The sequencer: from an event's commit to its number, idle and in a flood."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.bench import Bench
from benchmarks.servers import SERVER_CORE, pin
from graph.store.store import open_store
from search_sync.chain import GENESIS, link
from search_sync.sequencer import Sequencer
from search_sync.settings import SyncSettings

IDLE_SECONDS = 0.02
FLOOD = 20_000
FLOOD_WRITERS = 8
AIM_P99, AIM_RATE = 20.0, 900.0


async def measure(bench: Bench) -> None:
    """Milliseconds from the acknowledged write to the number as a reader of the feed sees it; numbers a second."""
    async with numbering(bench), open_store(bench.mongodb_url, bench.database, operation_seconds=10) as store:
        events = store.database.collection("events")
        written: dict[int, float] = {}
        numbered: dict[int, float] = {}

        async def watch() -> None:
            async for span in store.feed.watch():
                for seq in range(len(numbered) + 1, span.last + 1):
                    numbered[seq] = time.perf_counter()

        watcher = asyncio.create_task(watch())
        try:
            for seq in range(1, bench.requests // 4 + 1):
                await events.insert_one(_event(seq))
                written[seq] = time.perf_counter()
                if seq == 1:  # until then the process was starting
                    await _until(lambda: numbered)
                await asyncio.sleep(IDLE_SECONDS)
            await _until(lambda: len(numbered) >= len(written))
            late = sorted((numbered[seq] - written[seq]) * 1000 for seq in written if seq > 1)
            print(
                f"  idle, ms from commit to number: p50 {_at(late, 50):.1f}  p99 {_at(late, 99):.1f}  (aim {AIM_P99:g})"
            )
            started, done = time.perf_counter(), len(written)
            await asyncio.gather(*(_flood(events, done, lane) for lane in range(FLOOD_WRITERS)))
            wrote = time.perf_counter() - started
            await _until(lambda: len(numbered) >= done + FLOOD)
            seconds = time.perf_counter() - started
            print(
                f"  flood, events a second: written {FLOOD / wrote:.0f}  "
                f"numbered {FLOOD / seconds:.0f}  (aim {AIM_RATE:g})"
            )
        finally:
            watcher.cancel()
    _hash_alone()


async def _flood(events: Any, after: int, lane: int) -> None:
    for number in range(after + 1 + lane, after + FLOOD + 1, FLOOD_WRITERS * 10):
        batch = [
            _event(one) for one in range(number, min(number + FLOOD_WRITERS * 10, after + FLOOD + 1), FLOOD_WRITERS)
        ]
        await events.insert_many(batch)


def _hash_alone() -> None:
    document, head, count = {**_event(1), "seq": 1}, GENESIS, 5_000
    started = time.perf_counter()
    for _ in range(count):
        head = link(head, document)
    print(f"  of that the hash: {(time.perf_counter() - started) / count * 1e6:.0f} µs of CPU an event")


def _event(number: int) -> dict[str, Any]:
    sight = {
        "name": "support/reply",
        "tags": ["mail", "refund"],
        "labels": ["production"],
        "visibility": "private",
    }
    facts = {"kind": "rated", "actor": "ada", "key": None, "at": datetime.now(UTC), "before": sight, "after": sight}
    change = {"version": 1, "score": 5, "from": None}
    return {
        "_id": f"p{number % 500}:{number}",
        "prompt_id": f"p{number % 500}",
        "rev": number,
        **facts,
        "change": change,
    }


def _at(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


async def _until(condition: Any) -> None:
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110 - a look every few milliseconds costs nothing here
            await asyncio.sleep(0.005)


@asynccontextmanager
async def numbering(bench: Bench) -> AsyncIterator[None]:
    """A sequencer in a process of its own, as in a server."""
    words = ("-m", "benchmarks.sequencer", bench.mongodb_url, bench.database)
    process = await asyncio.create_subprocess_exec(sys.executable, *words)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def _work(url: str, database: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](url) as client:
        await Sequencer(client, database, SyncSettings()).run()


if __name__ == "__main__":
    pin(SERVER_CORE)
    asyncio.run(_work(*sys.argv[1:]))

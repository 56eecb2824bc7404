"""Runs the measurements that are named on the command line, or all."""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from pymongo import AsyncMongoClient

from benchmarks import feed, gateway, hostile, imports, indexing, reads, search, sequencer, writes
from benchmarks.bench import Bench
from benchmarks.servers import DRIVER_CORE, pin
from graph.store.mongod.attachment import private_mongod

MEASUREMENTS: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "reads": reads.one_and_page,
    "long": reads.long_history,
    "appends": writes.appends,
    "raters": writes.raters,
    "import": imports.import_prompts,
    "search": search.compare,
    "growth": search.grow,
    "publish": search.publish,
    "indexing": indexing.index,
    "feed": feed.measure,
    "gateway": gateway.compare,
    "sequencer": sequencer.measure,
    "hostile": hostile.endure,
}


async def run(names: list[str], requests: int, prompts: int, seconds: float) -> None:
    """Measures on a private mongod in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="promptgraph-") as place:
        async with private_mongod(Path(place, "data")) as url:
            async with AsyncMongoClient[dict[str, object]](url) as client:
                status = await client.admin.command("serverStatus")
            pin(DRIVER_CORE)
            for name in names:
                print(f"\n{name}")
                await MEASUREMENTS[name](Bench(url, f"bench_{name}", int(status["pid"]), requests, prompts, seconds))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--requests", type=int, default=2_000, help="how many are counted in each run")
    parser.add_argument("--prompts", type=int, default=20_000, help="how many are searched and indexed")
    parser.add_argument("--seconds", type=float, default=60, help="how long the load under hostile requests lasts")
    given = parser.parse_args()
    if unknown := set(given.names) - set(MEASUREMENTS):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    asyncio.run(run(given.names or list(MEASUREMENTS), given.requests, given.prompts, given.seconds))


if __name__ == "__main__":
    main()

"""The import of the real prompts, by the command that people use."""

import asyncio
import os
import sys
import time
from pathlib import Path

from benchmarks.bench import Bench

PROMPTS = Path(__file__).parents[2] / "shared" / "data" / "prompts.csv"


async def import_prompts(bench: Bench) -> None:
    """Seconds and prompts a second of `promptgraph import`, first and again; the start of Python is in it."""
    if not PROMPTS.exists():
        print(f"  left out: it reads {PROMPTS.name} from a folder `shared` beside the checkout")
        return
    environment = {
        **os.environ,
        "PROMPTGRAPH_MONGODB_URL": bench.mongodb_url,
        "PROMPTGRAPH_MONGODB_DATABASE": bench.database,
    }
    for what in ("first", "again"):
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "graph.cli", "import", str(PROMPTS), env=environment, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        seconds = time.perf_counter() - started
        counted = sum(int(line.split()[-1]) for line in output.decode().splitlines()[-5:])
        print(f"  import, {what}: {seconds:.2f} s, {counted / seconds:.0f} prompts/s")

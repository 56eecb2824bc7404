"""A sequencer as a process of its own, to be killed: `python -m tests.search_sync.sequencer_process URL DATABASE`."""

import asyncio
import sys
from typing import Any

from pymongo import AsyncMongoClient

from search_sync.sequencer import Sequencer
from tests.search_sync.conftest import QUICK

LEASE_SECONDS = 0.5


async def work(url: str, database: str) -> None:
    settings = QUICK.model_copy(update={"lease_seconds": LEASE_SECONDS, "sequence_items": 5})
    async with AsyncMongoClient[dict[str, Any]](url, heartbeatFrequencyMS=500) as client:
        await Sequencer(client, database, settings).run()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))

"""`python -m search_sync`: a worker on the configured database and index and a sequencer, until told to stop."""

import asyncio
import signal
import sys

from search_sync.commands import working
from search_sync.driver import make_client
from search_sync.open_index import open_index, read_name
from search_sync.sequencer import Sequencer
from search_sync.settings import SyncSettings
from search_sync.worker import Worker


async def work(settings: SyncSettings, url: str) -> None:
    """Runs both until SIGTERM or SIGINT, then gives the leases back."""
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    client = make_client(url, connectTimeoutMS=2_000, heartbeatFrequencyMS=2_000)
    async with client, open_index(settings) as index:
        sequencer = Sequencer(client, settings.mongodb_database, settings)
        worker = Worker(client, settings.mongodb_database, index, settings, read_name(settings))
        async with working(sequencer), working(worker):
            await stop.wait()


def main() -> int:
    """The exit code: 0 after a clean stop, 2 when there is no database to follow."""
    settings = SyncSettings()
    if settings.mongodb_url is None:
        sys.stderr.write(
            "Set PROMPTGRAPH_MONGODB_URL. With the private database, `promptgraph serve` has the worker in it, and\n"
            "`promptgraph worker` runs one beside it.\n"
        )
        return 2
    asyncio.run(work(settings, settings.mongodb_url.get_secret_value()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

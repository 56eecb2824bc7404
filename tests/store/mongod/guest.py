"""A process that uses a private database: it prints the URI when it has it, and leaves when its input ends."""

import asyncio
import sys
from pathlib import Path

from graph.store.mongod.attachment import private_mongod


async def stay(data_dir: Path) -> None:
    async with private_mongod(data_dir) as uri:
        sys.stdout.write(uri + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(stay(Path(sys.argv[1])))

"""The index that is configured: Tantivy in the data directory."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from search_sync.index.protocol import SearchIndex
from search_sync.index.tantivy import TantivyIndex
from search_sync.settings import SyncSettings


@asynccontextmanager
async def open_index(settings: SyncSettings) -> AsyncIterator[tuple[SearchIndex, str]]:
    """The index and its name in `sync_state`, closed in the end. Raises IndexUnavailableError.

    An index in a directory belongs to one process at a time, and its name to the directory: hosts that share a
    database have one each, and a checkpoint of one says nothing of the other.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    index = await TantivyIndex.open(settings.data_dir / "index")
    try:
        yield index, read_name(settings.data_dir)
    finally:
        await index.close()


def read_name(data_dir: Path) -> str:
    """What the index of this directory is called; also for a process that only gives orders to its worker."""
    place = data_dir / "index.name"
    try:
        with place.open("x") as file:
            file.write(f"tantivy-{secrets.token_hex(8)}\n")
    except FileExistsError:
        pass
    return place.read_text().strip()

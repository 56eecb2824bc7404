"""The index that is configured: Meilisearch where there is one, else Tantivy in the data directory."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.protocol import SearchIndex
from search_sync.index.tantivy import TantivyIndex
from search_sync.settings import SyncSettings


@asynccontextmanager
async def open_index(settings: SyncSettings) -> AsyncIterator[SearchIndex]:
    """The index, closed in the end. Raises IndexUnavailableError.

    Tantivy's directory belongs to one process at a time: where another has it, this raises IndexInUseError.
    """
    index = await _open(settings)
    try:
        yield index
    finally:
        await index.close()


def read_name(settings: SyncSettings) -> str:
    """What the index is called in `sync_state`, also by a process that only gives orders to its worker.

    A checkpoint is of one index and says nothing of another: hosts that share a database and have an index each have
    a name each, which lies beside the index.
    """
    if settings.meilisearch_url:
        place = f"{settings.meilisearch_url.rstrip('/')}/{settings.mongodb_database}"
        return f"meilisearch-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _read_or_make(settings.data_dir / "index.name")


async def _open(settings: SyncSettings) -> SearchIndex:
    if settings.meilisearch_url:
        key = settings.meilisearch_key.get_secret_value() if settings.meilisearch_key else None
        return MeilisearchIndex(settings.meilisearch_url, key, settings.mongodb_database)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return await TantivyIndex.open(settings.data_dir / "index")


def _read_or_make(place: Path) -> str:
    name = f"tantivy-{secrets.token_hex(8)}"
    try:
        with place.open("x") as file:
            file.write(name)
    except FileExistsError:
        return place.read_text() or "tantivy"
    return name

"""Every test of this folder that asks for `index` runs on each implementation, empty."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import SearchIndex
from search_sync.index.tantivy import TantivyIndex

MEILISEARCH_URL = os.environ.get("PROMPTGRAPH_TEST_MEILISEARCH_URL")
MEILISEARCH_KEY = os.environ.get("PROMPTGRAPH_TEST_MEILISEARCH_KEY")
needs_meilisearch = pytest.mark.skipif(
    MEILISEARCH_URL is None, reason="PROMPTGRAPH_TEST_MEILISEARCH_URL points to no Meilisearch server"
)

KINDS = ["memory", "tantivy"]


async def open_index(kind: str, place: Path) -> SearchIndex:
    """An empty index of this kind."""
    if kind == "tantivy":
        return await TantivyIndex.open(place / "index", heap_bytes=15_000_000)
    return MemoryIndex()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The implementation's name, for the few tests where the answers may differ."""
    return str(request.param)


@pytest.fixture
async def index(kind: str, tmp_path: Path) -> AsyncIterator[SearchIndex]:
    opened = await open_index(kind, tmp_path)
    yield opened
    await opened.close()

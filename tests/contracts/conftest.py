"""Every test of this folder that asks for `index` runs on each implementation, empty.

Meilisearch is there twice: against a stand-in that answers as the API reference says, always, and against the real
server that PROMPTGRAPH_TEST_MEILISEARCH_URL points to (and PROMPTGRAPH_TEST_MEILISEARCH_KEY opens), where it does.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import SearchIndex
from search_sync.index.tantivy import TantivyIndex
from tests.contracts.meilisearch_stand_in import StandIn

MEILISEARCH_URL = os.environ.get("PROMPTGRAPH_TEST_MEILISEARCH_URL")
MEILISEARCH_KEY = os.environ.get("PROMPTGRAPH_TEST_MEILISEARCH_KEY")
needs_meilisearch = pytest.mark.skipif(
    MEILISEARCH_URL is None, reason="PROMPTGRAPH_TEST_MEILISEARCH_URL points to no Meilisearch server"
)

KINDS = ["memory", "tantivy", "stand-in", pytest.param("meilisearch", marks=needs_meilisearch)]


@asynccontextmanager
async def open_index(kind: str, place: Path) -> AsyncIterator[SearchIndex]:
    """An empty index of this kind."""
    async with AsyncExitStack() as stack:
        index: SearchIndex
        if kind == "tantivy":
            index = await TantivyIndex.open(place / "index", heap_bytes=15_000_000)
        elif kind == "stand-in":
            server = await stack.enter_async_context(TestServer(StandIn().make_app()))
            index = MeilisearchIndex(str(server.make_url("")).rstrip("/"), "a key", "prompts", readers=2)
        elif kind == "meilisearch":
            index = MeilisearchIndex(str(MEILISEARCH_URL), MEILISEARCH_KEY, f"test_{uuid.uuid4().hex}")
        else:
            index = MemoryIndex()
        stack.push_async_callback(index.close)
        if kind == "meilisearch" and isinstance(index, MeilisearchIndex):
            stack.push_async_callback(index.drop)
        yield index


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The implementation's name, for the few tests where the answers may differ."""
    return str(request.param)


@pytest.fixture
async def index(kind: str, tmp_path: Path) -> AsyncIterator[SearchIndex]:
    async with open_index(kind, tmp_path) as opened:
        yield opened


@pytest.fixture
def _ranked_by_us(kind: str) -> None:
    if kind == "stand-in":
        pytest.skip("the stand-in does not rank as Meilisearch does")

"""A registry with six prompts to be found."""

from collections.abc import AsyncIterator

import pytest
import strawberry

from graph.operations.deps import Deps
from search_sync.index.memory import MemoryIndex
from tests.schema.search.searcher import Searcher, searching


@pytest.fixture
async def searcher(schema: strawberry.Schema, deps: Deps, database_name: str) -> AsyncIterator[Searcher]:
    async with searching(schema, deps, MemoryIndex(), database_name) as opened:
        yield opened


@pytest.fixture
async def zoo(searcher: Searcher) -> Searcher:
    """Six prompts of every kind."""
    api = searcher.api
    await api.create("support/refund-reply", title="Refund reply", tags=["mail", "money"], category="support")
    await api.create("support/greeting", tags=["mail"], category="support", template={"text": "Hello {{name}}"})
    await api.create("support/eu/refund", tags=["money"], template={"text": "Refund in {{country}}"})
    await api.create("code/review", tags=["code"], category="engineering", modelSettings={"model": "gpt-5"})
    chat = {"chat": [{"message": {"role": "USER", "content": "Translate {{text}}"}}]}
    await api.create("code/translate", template=chat, description="Any language into another")
    gone = await api.create("attic/refund", tags=["money"])
    await api.change("promptArchive", {"promptId": gone["id"]})
    await searcher.settle()
    return searcher

"""Without an index, with one that hangs, and with one that is removed."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
import strawberry

from graph.domain.outages import IndexUnavailableError
from graph.operations.deps import Deps
from search_sync.index import protocol
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import SearchIndex
from search_sync.index.tantivy import TantivyIndex
from tests.schema.search.searcher import Searcher, searching


class DeadIndex(MemoryIndex):
    """An index that is down; or one that hangs."""

    def __init__(self, hangs: bool = False) -> None:
        super().__init__()
        self._hangs = hangs

    async def search(self, request: protocol.SearchRequest) -> protocol.SearchAnswer:
        await self._fail()

    async def similar(self, prompt_id: str, sight: protocol.Sight, first: int) -> tuple[protocol.Hit, ...]:
        await self._fail()

    async def revisions(self, ids: Any) -> dict[str, int]:
        await self._fail()

    async def _fail(self) -> NoReturn:
        if self._hangs:
            await asyncio.Event().wait()
        raise protocol.IndexUnavailableError


@pytest.mark.parametrize("index", [None, DeadIndex(), DeadIndex(hangs=True)], ids=["unopened", "down", "hanging"])
async def test_without_an_index_the_rest_is_answered(zoo: Searcher, index: SearchIndex | None) -> None:
    api = replace(zoo.api, deps=replace(zoo.api.deps, index=index, index_seconds=1.0))
    started = asyncio.get_running_loop().time()
    result = await api.execute(
        """{ promptSearch(query: "refund") { totalCount facets(fields: [TAG]) { field } }
             prompts { totalCount } prompt(by: {name: "code/review"}) { name similar { name } } }"""
    )
    assert asyncio.get_running_loop().time() - started < 2
    assert result.data == {
        "promptSearch": None,
        "prompts": {"totalCount": 5},
        "prompt": {"name": "code/review", "similar": None},
    }
    assert result.errors
    assert {type(error.original_error) for error in result.errors} == {IndexUnavailableError}
    assert sorted(str(error.path) for error in result.errors) == ["['prompt', 'similar']", "['promptSearch']"]


async def test_an_index_that_is_removed_while_it_is_used_is_built_again(
    schema: strawberry.Schema, deps: Deps, database_name: str, tmp_path: Path
) -> None:
    place = tmp_path / "index"
    index = await TantivyIndex.open(place, heap_bytes=15_000_000)
    async with searching(schema, deps, index, database_name) as searcher:
        await searcher.api.create("support/before")
        await searcher.settle()
        shutil.rmtree(place)
        await searcher.api.create("support/after")
        await searcher.settle()
        assert set(await searcher.names("support")) == {"support/before", "support/after"}
        assert (await index.fingerprint()) is not None
    await index.close()

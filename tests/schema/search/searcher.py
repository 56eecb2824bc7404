"""A registry with an index and a worker that keeps it in step, as `serve` has them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import strawberry

from graph.domain.actors import Access
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from search_sync.freshness import FreshnessReader
from search_sync.index.protocol import SearchIndex
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.worker import Worker
from tests.fixtures import Records
from tests.schema.conftest import Api

QUICK = SyncSettings(lease_seconds=5.0, beat_seconds=0.05, await_ms=50, order_seconds=0.05)

PAGE = """
  totalCount isTotalCountExact pendingChanges indexedAt
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor score node { id name } highlights { field snippet matches { start end } } }
"""
SEARCH = (
    'query Search($query: String! = "", $filter: PromptSearchFilter, $orderBy: PromptSearchOrder! = RELEVANCE,'
    " $first: Int! = 20, $after: String, $token: String, $fields: [FacetField!]! = [], $values: Int! = 20) {"
    " promptSearch(query: $query, filter: $filter, orderBy: $orderBy, first: $first, after: $after,"
    f" consistentWith: $token) {{ {PAGE}"
    " facets(fields: $fields, valuesPerFacet: $values) { field isTruncated values { value count isSelected } } } }"
)

ALL_FACETS = ["AUTHOR", "CATEGORY", "FINDING", "FOLDER", "KIND", "LABEL", "MODEL", "RATING", "TAG", "VARIABLE"]


@dataclass(frozen=True, slots=True)
class Searcher:
    """Asks `promptSearch` when the index holds everything."""

    api: Api
    worker: Worker
    source: PromptSource

    async def settle(self) -> None:
        """Returns when all that was written is in the index."""
        asked, now = time.monotonic(), await self.source.now()
        async with asyncio.timeout(20):
            await self.worker.progress.wait_until_complete(asked, now)

    async def search(self, query: str = "", access: Access = LOCAL_ACCESS, **variables: Any) -> dict[str, Any]:
        """The connection, without errors."""
        data = await self.api.query(SEARCH, {"query": query, **variables}, access)
        found: dict[str, Any] = data["promptSearch"]
        return found

    async def names(self, query: str = "", access: Access = LOCAL_ACCESS, **variables: Any) -> list[str]:
        """The names of what is found."""
        found = await self.search(query, access, **variables)
        return [edge["node"]["name"] for edge in found["edges"]]

    async def refuse(self, query: str = "", **variables: Any) -> Exception:
        """The one error's cause; the field is null."""
        result = await self.api.execute(SEARCH, {"query": query, **variables})
        assert result.data == {"promptSearch": None}
        assert result.errors is not None
        (error,) = result.errors
        assert error.original_error is not None
        return error.original_error


@asynccontextmanager
async def searching(
    schema: strawberry.Schema, deps: Deps, index: SearchIndex, database_name: str
) -> AsyncIterator[Searcher]:
    """The registry with this index and a worker on it."""
    client = deps.store.database.client
    worker = Worker(client, database_name, index, QUICK)
    freshness = FreshnessReader(client[database_name], index, worker)
    task = asyncio.create_task(worker.run())
    try:
        found = replace(deps, index=index, freshness=freshness, index_seconds=10.0)
        source = PromptSource(client[database_name], 10.0)
        yield Searcher(Api(schema, found, Records(deps.store)), worker, source)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def find(data: Mapping[str, Any], field: str) -> dict[str, tuple[int, bool]]:
    """The values of one facet of an answer."""
    (facet,) = [one for one in data["facets"] if one["field"] == field]
    return {one["value"]: (one["count"], one["isSelected"]) for one in facet["values"]}

"""The bare twin of a search: the same index passes, one `find` for the hits, and `json.dumps`."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from pymongo import AsyncMongoClient

from benchmarks.twins import Document
from search_sync.index.protocol import Batch, FacetField, SearchRequest, Sight
from search_sync.index.tantivy import TantivyIndex
from search_sync.projection import project
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource

PAGE = 2_000
FACETS = (FacetField.TAG, FacetField.CATEGORY, FacetField.FOLDER)


def bare_search_app(url: str, name: str, data_dir: Path) -> web.Application:
    """It copies the prompts into an index of its own before it listens."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(url, tz_aware=True)
    prompts = client[name]["prompts"]
    key = web.AppKey("index", TantivyIndex)

    async def copy(app: web.Application) -> AsyncIterator[None]:
        app[key] = await TantivyIndex.open(data_dir / "index")
        source, after, characters = PromptSource(client[name], 30), None, SyncSettings().text_characters
        rebuild = await app[key].rebuild()
        while documents := await source.page(after, PAGE):
            after = documents[-1]["_id"]
            await rebuild.write(Batch([project(document, characters) for document in documents]))
        await rebuild.finish("bare")
        yield
        await app[key].close()

    async def search(request: web.Request) -> web.Response:
        text = (await request.json())["variables"]["text"]
        answer = await request.app[key].search(SearchRequest(Sight(everything=True), text, facets=FACETS))
        fields = {"name": 1, "title": 1, "tags": 1}
        found = await prompts.find({"_id": {"$in": [hit.id for hit in answer.hits]}}, fields).to_list()
        held = {document["_id"]: document for document in found}
        data = {
            "totalCount": answer.total,
            "edges": [{"score": hit.score, "node": held[hit.id]} for hit in answer.hits],
            "facets": {field.name: counts.values for field, counts in answer.facets.items()},
        }
        return web.Response(text=json.dumps({"data": data}), content_type="application/json")

    app = web.Application()
    app.cleanup_ctx.append(copy)
    app.add_routes([web.post("/search", search)])
    return app

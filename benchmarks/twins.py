"""The bare twins: aiohttp handlers that do the same work on the same documents, and nothing around it."""

import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.write_concern import WriteConcern

Document = dict[str, Any]

BARE_PROMPTS, BARE_EVENTS = "bare_prompts", "bare_events"  # what it appends to, apart from ours


def bare_app(url: str, name: str) -> web.Application:
    """One prompt, a page of twenty, an append: read or written by bare calls of the driver."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(url, tz_aware=True)
    database = client.get_database(name, write_concern=WriteConcern("majority", j=True))
    prompts = database["prompts"]
    appended, events = database[BARE_PROMPTS], database[BARE_EVENTS]

    def respond(data: Any) -> web.Response:
        return web.Response(text=json.dumps({"data": data}), content_type="application/json")

    async def one(request: web.Request) -> web.Response:
        asked = (await request.json())["variables"]["name"]
        document = await prompts.find_one({"name": asked}, {"versions": {"$slice": -1}})
        return respond(_shown(document) if document else None)

    async def page(request: web.Request) -> web.Response:
        await request.json()
        cursor = prompts.find({"archived_at": None}, {"versions": {"$slice": -1}}).sort(
            [("updated_at", -1), ("_id", -1)]
        )
        return respond([_shown(document) for document in await cursor.limit(20).to_list()])

    async def append(request: web.Request) -> web.Response:
        given = (await request.json())["variables"]
        now = datetime.now(UTC)
        number = given["expected"] + 1
        version = {"number": number, "template": {"text": given["text"]}, "created_at": now, "author": "local"}

        async def write(session: AsyncClientSession) -> Document | None:
            changed: Document | None = await appended.find_one_and_update(
                {"_id": given["id"], "latest": given["expected"]},
                {"$push": {"versions": version}, "$set": {"latest": number, "updated_at": now}, "$inc": {"rev": 1}},
                {"versions": 0},
                return_document=True,
                session=session,
            )
            await events.insert_one({"prompt_id": given["id"], "number": number, "at": now}, session=session)
            return changed

        async with client.start_session() as session:
            changed = await session.with_transaction(write)
        return respond({"number": changed["latest"]} if changed else None)

    app = web.Application()
    app.add_routes([web.post("/one", one), web.post("/page", page), web.post("/append", append)])
    return app


def _shown(document: Document) -> Document:
    version = document["versions"][0]
    return {
        "id": document["_id"],
        "name": document["name"],
        "title": document["title"],
        "tags": document["tags"],
        "latestVersion": {
            "number": version["number"],
            "digest": version["digest"],
            "createdAt": version["created_at"].isoformat(),
            "template": version["template"],
        },
    }

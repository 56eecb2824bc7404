"""A small HTTP server that answers as Meilisearch's API reference says, as far as our adapter asks.

It takes a task, answers 202, and carries it out only later and in order; it is strict: what the reference does not
know, what is not filterable or sortable, an id or a facet value that is too long is an error. Its ranking is its own,
so it says nothing about Meilisearch's.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import web

from search_sync.index.words import QueryWord
from tests.contracts.meilisearch_filter import ApiError, Document, FilterReader, Test, values_of

_SEARCH_FIELDS = {
    "indexUid", "q", "matchingStrategy", "filter", "facets", "limit", "offset", "attributesToRetrieve",
    "showRankingScore", "sort",
}  # fmt: skip
_KEY = re.compile(r"[A-Za-z0-9_-]{1,511}")
_MOST_WORDS = 65_535
_TOKEN = re.compile(r'\s*("[^"\\]*"|>=|[()\[\],>=]|[\w.+-]+)')


class Index:
    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.settings: dict[str, Any] = {}


class StandIn:
    """`refuse` says why a document makes its task fail; `is_stuck` leaves tasks undone; `failure` fails every task."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.tasks: list[dict[str, Any]] = []
        self.deeds: list[Callable[[], None]] = []
        self.searches: list[Document] = []
        self.refuse: Callable[[Document], str | None] = lambda document: None
        self.error_of_refusal: dict[str, str] = {}
        self.failure: dict[str, str] | None = None
        self.is_stuck = False
        self.largest = 10**9

    def make_app(self) -> web.Application:
        app = web.Application(client_max_size=10**9, middlewares=[_answer_errors])
        app.router.add_post("/indexes", self._create)
        app.router.add_get("/indexes", self._list)
        app.router.add_get("/indexes/{uid}", self._show)
        app.router.add_delete("/indexes/{uid}", self._drop)
        app.router.add_patch("/indexes/{uid}/settings", self._set)
        app.router.add_post("/indexes/{uid}/documents", self._add)
        app.router.add_post("/indexes/{uid}/documents/delete-batch", self._remove)
        app.router.add_post("/indexes/{uid}/documents/fetch", self._fetch)
        app.router.add_post("/multi-search", self._search)
        app.router.add_post("/swap-indexes", self._swap)
        app.router.add_get("/tasks/{uid}", self._show_task)
        return app

    def _enqueue(self, kind: str, uid: str | None, deed: Callable[[], None]) -> web.Response:
        task = {"uid": len(self.tasks), "indexUid": uid, "status": "enqueued", "type": kind, "error": None}
        self.tasks.append({**task, "enqueuedAt": "2026-01-01T00:00:00.000000Z", "polls": 0})
        self.deeds.append(deed)
        brief = {"taskUid": task["uid"], "indexUid": uid, "status": "enqueued", "type": kind}
        return web.json_response({**brief, "enqueuedAt": "2026-01-01T00:00:00.000000Z"}, status=202)

    async def _show_task(self, request: web.Request) -> web.Response:
        task = self.tasks[int(request.match_info["uid"])]
        task["polls"] += 1
        if task["polls"] > 1 and not self.is_stuck:
            for earlier in self.tasks[: task["uid"] + 1]:
                self._carry_out(earlier)
        return web.json_response({key: value for key, value in task.items() if key != "polls"})

    def _carry_out(self, task: dict[str, Any]) -> None:
        if task["status"] != "enqueued":
            return
        try:
            if self.failure is not None:
                task.update(status="failed", error=self.failure)
                return
            self.deeds[task["uid"]]()
            task["status"] = "succeeded"
        except ApiError as error:
            task.update(status="failed", error=error.body)

    async def _create(self, request: web.Request) -> web.Response:
        uid = (await request.json())["uid"]

        def create() -> None:
            if uid in self.indexes:
                raise ApiError(409, "index_already_exists", f"Index `{uid}` already exists.")
            self.indexes[uid] = Index()

        return self._enqueue("indexCreation", uid, create)

    async def _list(self, request: web.Request) -> web.Response:
        start, limit = int(request.query["offset"]), int(request.query["limit"])
        page = [{"uid": uid, "primaryKey": "key"} for uid in list(self.indexes)[start : start + limit]]
        return web.json_response({"results": page, "offset": start, "limit": limit, "total": len(self.indexes)})

    async def _show(self, request: web.Request) -> web.Response:
        self._index(uid := request.match_info["uid"])
        time = "2026-01-01T00:00:00.000000Z"
        return web.json_response({"uid": uid, "primaryKey": "key", "createdAt": time, "updatedAt": time})

    async def _drop(self, request: web.Request) -> web.Response:
        uid = request.match_info["uid"]

        def drop() -> None:
            self._index(uid)
            del self.indexes[uid]

        return self._enqueue("indexDeletion", uid, drop)

    async def _set(self, request: web.Request) -> web.Response:
        uid, settings = request.match_info["uid"], await request.json()
        return self._enqueue("settingsUpdate", uid, lambda: self._index(uid).settings.update(settings))

    async def _add(self, request: web.Request) -> web.Response:
        uid, documents = request.match_info["uid"], await request.json()
        if (request.content_length or 0) > self.largest:
            raise ApiError(413, "payload_too_large", "The provided payload reached the size limit.")

        def add() -> None:
            for document in documents:
                if reason := self._fault(document):
                    raise ApiError(400, "invalid_document", reason, **self.error_of_refusal)
            index = self.indexes.setdefault(uid, Index())  # without settings, as the server does it
            index.documents.update({document["key"]: document for document in documents})

        return self._enqueue("documentAdditionOrUpdate", uid, add)

    def _fault(self, document: Document) -> str | None:
        if not _KEY.fullmatch(document["key"]):
            return "Document identifier is invalid."
        values = [value for held in document.values() if isinstance(held, list) for value in held]
        if any(value.startswith("v") and len(value) > 468 and " " not in value for value in values):
            return "A facet value is too long."
        return self.refuse(document)

    async def _remove(self, request: web.Request) -> web.Response:
        uid, keys = request.match_info["uid"], await request.json()

        def remove() -> None:
            for key in keys:
                self._index(uid).documents.pop(key, None)

        return self._enqueue("documentDeletion", uid, remove)

    async def _swap(self, request: web.Request) -> web.Response:
        pairs = [swap["indexes"] for swap in await request.json()]

        def swap() -> None:
            for one, other in pairs:
                first, second = self._index(one), self._index(other)
                self.indexes[one], self.indexes[other] = second, first

        return self._enqueue("indexSwap", None, swap)

    async def _fetch(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if any(not _KEY.fullmatch(key) for key in asked.get("ids", ())):
            raise ApiError(400, "invalid_document_ids", "Document identifier is invalid.")
        documents = list(self._index(request.match_info["uid"]).documents.values())
        if "ids" in asked:
            documents = [document for document in documents if document["key"] in asked["ids"]]
        start, limit = asked.get("offset", 0), asked.get("limit", 20)
        page = [_only(document, asked.get("fields")) for document in documents[start : start + limit]]
        return web.json_response({"results": page, "offset": start, "limit": limit, "total": len(documents)})

    async def _search(self, request: web.Request) -> web.Response:
        bodies = (await request.json())["queries"]
        self.searches += bodies
        return web.json_response({"results": [self._answer(body) for body in bodies]})

    def _answer(self, body: Document) -> Document:
        if unknown := body.keys() - _SEARCH_FIELDS:
            raise ApiError(400, "bad_request", f"Unknown field {unknown}.")
        index = self._index(body["indexUid"])
        found = [document for document in index.documents.values() if self._test(index, body)(document)]
        found.sort(key=lambda document: str(document["key"]))
        for rule in reversed(body.get("sort", ["updated_at:desc", "key:asc"])):
            name, _, direction = rule.partition(":")
            if name not in index.settings["sortableAttributes"]:
                raise ApiError(400, "invalid_search_sort", f"{name} is not sortable.")
            found.sort(key=lambda document: document[name], reverse=direction == "desc")
        start = body.get("offset", 0)
        hits = [_only(document, body.get("attributesToRetrieve")) for document in found[start : start + body["limit"]]]
        if body.get("showRankingScore"):
            hits = [{**hit, "_rankingScore": 1.0} for hit in hits]
        most = index.settings["faceting"]["maxValuesPerFacet"]
        facets = {name: dict(_count(found, name).most_common(most)) for name in body.get("facets", ())}
        return {"hits": hits, "facetDistribution": facets, "estimatedTotalHits": len(found)}

    def _test(self, index: Index, body: Document) -> Test:
        narrowed = FilterReader(body.get("filter", ""), index.settings["filterableAttributes"]).read()
        texts = body["q"].split()
        words = [QueryWord(text, at == len(texts) - 1 and body["q"][-1] != " ") for at, text in enumerate(texts)]
        if body["matchingStrategy"] == "last":
            words = words[:1]
        searched = index.settings["searchableAttributes"]
        return lambda document: narrowed(document) and all(_has(document, word, searched) for word in words)

    def _index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise ApiError(404, "index_not_found", f"Index `{uid}` not found.")
        return self.indexes[uid]


def _count(documents: list[Document], name: str) -> Counter[str]:
    return Counter(str(value) for document in documents for value in values_of(document, name))


def _has(document: Document, word: QueryWord, searched: list[str]) -> bool:
    return any(word.match(said) for name in searched for said in _said(document, name))


def _said(document: Document, name: str) -> list[str]:
    """The words of an attribute, as far as they are kept."""
    return " ".join(values_of(document, name)).split()[:_MOST_WORDS]


def _only(document: Document, fields: list[str] | None) -> Document:
    return document if fields is None else {name: document[name] for name in fields if name in document}


@web.middleware
async def _answer_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        answer: web.StreamResponse = await handler(request)
    except ApiError as error:
        return web.json_response(error.body, status=error.status)
    return answer

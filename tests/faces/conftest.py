"""One server for all clients of other tools: on a database of its own, so every caller needs a key."""

import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from pymongo import AsyncMongoClient

from graph.app import DEPS, create_app
from graph.domain.actors import EVERYWHERE, Grant, Scope
from graph.operations.access import LOCAL_ACCESS
from graph.operations.api_keys import create_key
from graph.operations.deps import Deps
from graph.settings import Settings
from tests.http.toy import serve


@dataclass(frozen=True, slots=True)
class Registry:
    """A running server, what stands behind it, and a key that may do everything."""

    url: str
    key: str
    http: ClientSession
    deps: Deps

    async def graphql(self, query: str, key: str | None = None, **variables: Any) -> dict[str, Any]:
        """The data of a query or mutation."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        async with self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        ) as response:
            body = await response.json()
        assert "errors" not in body, body
        data: dict[str, Any] = body["data"]
        return data

    async def make_key(self, scopes: Iterable[Scope], grants: tuple[Grant, ...] = EVERYWHERE) -> str:
        """A key of a service of its own."""
        return (await create_key(self.deps, LOCAL_ACCESS, f"key-{uuid.uuid4().hex}", scopes, grants)).secret


@pytest.fixture(scope="session")
async def faces(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Registry]:
    name = f"test_{uuid.uuid4().hex[:16]}"
    settings = Settings(
        host="127.0.0.1",
        mongodb_url=SecretStr(mongodb_url),
        mongodb_database=name,
        data_dir=Path(tmp_path_factory.mktemp("faces")),
        store_timeout_seconds=10.0,
    )
    app = create_app(settings, mongodb_url)
    async with serve(app) as http:
        async with http.get("/livez") as alive:
            url = str(alive.url.origin())
        key = (await create_key(app[DEPS], LOCAL_ACCESS, "all", Scope)).secret
        yield Registry(url, key, http, app[DEPS])
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        await client.drop_database(name)

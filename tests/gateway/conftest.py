"""A running server before a stand-in provider, and prompts to call it with."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import openai
import pytest
from aiohttp import ClientSession, web
from pydantic import SecretStr

from graph.app import DEPS, create_app
from graph.domain.limits import RequestLimits
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.settings import Settings
from tests.fixtures import draft
from tests.gateway.provider import KEY, StandIn, stand_in_provider
from tests.http.toy import serve


@dataclass(slots=True)
class Gate:
    """The server, its provider, and a client of each kind."""

    url: str
    provider: StandIn
    session: ClientSession
    app: web.Application
    clients: list[openai.AsyncOpenAI] = field(default_factory=list)

    @property
    def deps(self) -> Deps:
        """What the server's operations stand on."""
        return self.app[DEPS]

    def openai(self, **options: Any) -> openai.AsyncOpenAI:
        """OpenAI's own client, which changes a base URL and nothing else."""
        given: dict[str, Any] = {"base_url": f"{self.url}/v1", "api_key": "none-is-needed", "max_retries": 0}
        client = openai.AsyncOpenAI(**given | {"timeout": 20} | options)
        self.clients.append(client)
        return client

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
        """Status, JSON and headers."""
        async with self.session.post(path, json=body, headers=headers) as response:
            return response.status, await response.json(), response.headers


@pytest.fixture(scope="session")
async def server(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gate]:
    """One for all tests here: what they ask is recorded by prompt, and no test looks at another's."""
    async with stand_in_provider() as provider:
        settings = Settings(
            mongodb_database=f"test_{uuid.uuid4().hex[:16]}",
            data_dir=tmp_path_factory.mktemp("gateway"),
            upstream_url=provider.url + "/",
            upstream_key=SecretStr(KEY),
            upstream_model="m",
            upstream_timeout_seconds=1.0,
            request_limits=RequestLimits(body_seconds=1.0),
            model_map={"ours": "m"},
            model_fallbacks={"limited": ("down", "ours"), "picky": ("m",), "down": ("limited",)},
            store_timeout_seconds=10.0,
        )
        app = create_app(settings, mongodb_url)
        async with serve(app) as session:
            async with session.get("/livez") as alive:
                url = str(alive.url.origin())
            gate = Gate(url, provider, session, app)
            await create_prompt(gate.deps, LOCAL_ACCESS, draft("support/refund", text="Dear {{customer}},"))
            yield gate
            await gate.deps.store.database.client.drop_database(settings.mongodb_database)


@pytest.fixture
async def gate(server: Gate) -> AsyncIterator[Gate]:
    """The server, with a provider that has heard nothing yet."""
    server.provider.forget()
    yield server
    for client in server.clients:
        await client.close()
    server.clients.clear()


@pytest.fixture
def name() -> str:
    """A name for a prompt that no other test has."""
    return f"test/{uuid.uuid4().hex}"

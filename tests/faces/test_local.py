"""A server of one's own needs no key; other tools' clients send one all the same."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import encode_basic_auth

from graph.app import create_app
from graph.settings import Settings
from tests.http.toy import Client, serve

PROMPTS = "/api/public/v2/prompts"


async def statuses(client: Client, headers: dict[str, str]) -> list[int]:
    found: list[int] = []
    for path in (PROMPTS, "/prompts/list", "/beta/litellm_prompt_management?prompt_id=none"):
        async with client.get(path, headers=headers) as response:
            found.append(response.status)
    return found


CASES: list[tuple[dict[str, str], list[int]]] = [
    ({}, [200, 200, 404]),
    ({"Authorization": encode_basic_auth("pk-lf-1", "sk-lf-1")}, [200, 401, 401]),
    ({"Authorization": "Bearer sk-1234"}, [200, 200, 404]),
    ({"Authorization": "Bearer pg_unknown"}, [401, 401, 401]),
    ({"Authorization": encode_basic_auth("pk-lf-1", "pg_unknown")}, [401, 401, 401]),
]


@pytest.fixture
async def client(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[Client]:
    settings = Settings(host="127.0.0.1", mongodb_database=database_name, data_dir=tmp_path)
    async with serve(create_app(settings, mongodb_url)) as client:
        yield client


async def test_a_key_that_is_none_of_ours_says_nothing_on_ones_own_machine(client: Client) -> None:
    for headers, expected in CASES:
        assert await statuses(client, headers) == expected, headers


async def test_a_page_of_another_origin_cannot_write(client: Client) -> None:
    body: dict[str, Any] = {"name": "a", "prompt": "x"}
    async with client.post(PROMPTS, json=body, headers={"Origin": "https://evil.example"}) as response:
        assert response.status == 403
    async with client.post(PROMPTS, data='{"name": "a", "prompt": "x"}') as response:
        assert response.status == 415

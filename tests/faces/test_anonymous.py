"""Langfuse's calls without a key, on a server whose public prompts anybody may read."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import encode_basic_auth
from pydantic import SecretStr

from graph.app import DEPS, create_app
from graph.domain.prompts import VersionByNumber, Visibility
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt
from graph.settings import Settings
from tests.fixtures import draft
from tests.http.toy import Client, serve

PROMPTS = "/api/public/v2/prompts"


@pytest.fixture
async def client(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[Client]:
    settings = Settings(
        host="127.0.0.1",
        mongodb_url=SecretStr(mongodb_url),
        mongodb_database=database_name,
        data_dir=tmp_path,
        anonymous="public",
    )
    app = create_app(settings, mongodb_url)
    async with serve(app) as client:
        await make(app[DEPS], "secret", "Hidden.", Visibility.PRIVATE)
        await make(app[DEPS], "open", "Hi {{name}}", Visibility.PUBLIC)
        await make(app[DEPS], "mixed", "{{> open}} {{> secret}}", Visibility.PUBLIC)
        yield client


async def make(deps: Deps, name: str, text: str, visibility: Visibility) -> None:
    prompt = await create_prompt(deps, LOCAL_ACCESS, draft(name, text, visibility=visibility))
    await set_label(deps, LOCAL_ACCESS, prompt.id, "production", VersionByNumber(1))


async def ask(client: Client, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    given = {} if body is None else {"json": body}
    async with client.request(method, path, headers=headers, **given) as response:
        return response.status, await response.json()


async def test_public_prompts_are_read_and_others_are_not_there(client: Client) -> None:
    status, body = await ask(client, "GET", PROMPTS)
    assert (status, [one["name"] for one in body["data"]]) == (200, ["mixed", "open"])
    assert body["meta"]["totalItems"] == 2
    assert (await ask(client, "GET", f"{PROMPTS}/open"))[1]["prompt"] == "Hi {{name}}"
    hidden, missing = [await ask(client, "GET", f"{PROMPTS}/{name}") for name in ("secret", "missin")]
    assert hidden == (404, {**missing[1], "message": missing[1]["message"].replace("missin", "secret")})


async def test_what_includes_a_hidden_prompt_is_read_as_if_that_were_missing(client: Client) -> None:
    status, body = await ask(client, "GET", f"{PROMPTS}/mixed")
    assert (status, body["code"]) == (400, "BROKEN_REFERENCE")
    assert "there is no such prompt" in body["message"]
    assert "Hidden" not in body["message"]
    raw = (await ask(client, "GET", f"{PROMPTS}/mixed?resolve=false"))[1]
    assert raw["prompt"] == "@@@langfusePrompt:name=open|label=latest@@@ @@@langfusePrompt:name=secret|label=latest@@@"


async def test_nothing_is_written_without_a_key_and_a_wrong_one_is_refused(client: Client) -> None:
    for method, path, body in (
        ("POST", PROMPTS, {"name": "mine", "prompt": "x"}),
        ("POST", PROMPTS, {"name": "open", "prompt": "x", "labels": ["production"]}),
        ("PATCH", f"{PROMPTS}/open/versions/1", {"newLabels": ["blue"]}),
        ("DELETE", f"{PROMPTS}/open", None),
    ):
        status, told = await ask(client, method, path, body)
        assert (status, told["error"]) == (401, "UnauthorizedError"), told
    wrong = encode_basic_auth("pk-lf-1", "sk-lf-1")
    assert (await ask(client, "GET", f"{PROMPTS}/open", Authorization=wrong))[0] == 401

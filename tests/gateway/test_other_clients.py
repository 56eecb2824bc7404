"""Other versions of OpenAI's clients, in environments of their own, before the built-in model."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.app import DEPS, create_app
from graph.operations.access import LOCAL_ACCESS
from graph.operations.prompts import create_prompt
from graph.settings import Settings
from tests.faces.environments import run_client
from tests.fixtures import draft
from tests.http.toy import serve

CLIENTS = Path(__file__).parents[1] / "clients"
NODE = shutil.which("node")
NAME = "support/refund"
TOLD = {
    "whole": "one two",
    "words": ["", "one ", "two", ""],
    "response": "three",
    "streamed": "four five",
    "code": "prompt_not_found",
    "prompt": {"id": NAME, "variables": {"customer": "Ada"}, "version": "1"},
    "added": "one two",
    "models": ["promptgraph", "echo"],
}


@pytest.fixture
async def url(mongodb_url: str, database_name: str, tmp_path: Path) -> AsyncIterator[str]:
    """A server without a provider."""
    app = create_app(Settings(mongodb_database=database_name, data_dir=tmp_path), mongodb_url)
    async with serve(app) as session:
        await create_prompt(app[DEPS], LOCAL_ACCESS, draft(NAME))
        async with session.get("/livez") as alive:
            yield str(alive.url.with_path("/v1"))


async def test_openai_2_for_python(url: str) -> None:
    told = await run_client("openai_2", "chat.py", url, NAME)
    assert told.pop("version").startswith("2.")
    assert told == TOLD


@pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node_modules/openai").is_dir(), reason="needs Node.js and `npm ci` in tests/clients"
)
async def test_openai_for_javascript(url: str) -> None:
    assert NODE
    process = await asyncio.create_subprocess_exec(NODE, "openai.mjs", url, NAME, cwd=CLIENTS, stdout=PIPE, stderr=PIPE)
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    assert json.loads(output) == TOLD

"""GraphiQL in a real browser, on a new registry, with every host but the server's out of reach.

Set-up for tests installs what it needs: Debian's chromium, npm's packages in tests/clients, GraphiQL's bundle.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from graph.app import create_app
from graph.http.explorer import EXAMPLE, SOURCES
from graph.settings import Settings
from tests.http.toy import serve

CLIENTS = Path(__file__).parents[1] / "clients"
NODE, CHROMIUM = shutil.which("node"), shutil.which("chromium")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(
        not (CLIENTS / "node_modules/playwright-core").is_dir(), reason="needs `npm ci` in tests/clients"
    ),
    pytest.mark.skipif(
        not (SOURCES / "dist/graphiql.js").is_file(), reason="needs `npm ci && npm run build` in graph/http/graphiql"
    ),
]


async def browse(url: str) -> dict[str, Any]:
    """What the browser saw: `editor`, `result`, what it was `told`, `foreign` hosts, `complaints` of its console."""
    assert NODE
    assert CHROMIUM
    process = await asyncio.create_subprocess_exec(
        NODE, "graphiql.mjs", url, CHROMIUM, cwd=CLIENTS, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, errors.decode()
    seen: dict[str, Any] = json.loads(output)
    return seen


async def test_a_browser_that_reaches_nothing_else_runs_the_example_and_follows_a_new_registry(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    settings = Settings(host="127.0.0.1", mongodb_database=database_name, data_dir=tmp_path)
    async with serve(create_app(settings, mongodb_url)) as client, client.get("/livez") as alive:
        seen = await browse(str(alive.url.with_path("/graphql")))
    # The editor writes spaces as no-break ones.
    assert seen["editor"].replace("\xa0", " ").split() == EXAMPLE.split()
    result = json.loads(seen["result"].replace("\xa0", " "))
    assert "errors" not in result
    assert result["data"]["viewer"]["actor"] == {"displayName": "Local administrator"}
    assert result["data"]["prompts"] == {"totalCount": 0, "nodes": []}
    assert json.loads(seen["told"].replace("\xa0", " "))["data"]["promptEvents"]["prompt"] == {"name": "seen/live"}
    assert seen["foreign"] == []
    assert seen["complaints"] == []

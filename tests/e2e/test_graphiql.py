"""GraphiQL in a real browser, on a new registry, with every host but the server's out of reach.

Set-up for tests installs what it needs: Debian's chromium, npm's packages in tests/clients, GraphiQL's bundle.
"""

import json
from pathlib import Path

import pytest

from graph.app import create_app
from graph.http.explorer import EXAMPLE, SOURCES
from graph.settings import Settings
from tests.browser import NEEDS_BROWSER, browse
from tests.http.toy import serve

pytestmark = [
    *NEEDS_BROWSER,
    pytest.mark.skipif(
        not (SOURCES / "dist/graphiql.js").is_file(), reason="needs `npm ci && npm run build` in graph/http/graphiql"
    ),
]


async def test_a_browser_that_reaches_nothing_else_runs_the_example_and_follows_a_new_registry(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    settings = Settings(host="127.0.0.1", mongodb_database=database_name, data_dir=tmp_path)
    async with serve(create_app(settings, mongodb_url)) as client, client.get("/livez") as alive:
        seen = await browse("graphiql.mjs", str(alive.url.with_path("/graphql")))
    # The editor writes spaces as no-break ones.
    assert seen["editor"].replace("\xa0", " ").split() == EXAMPLE.split()
    result = json.loads(seen["result"].replace("\xa0", " "))
    assert "errors" not in result
    assert result["data"]["viewer"]["actor"] == {"displayName": "Local administrator"}
    assert result["data"]["prompts"] == {"totalCount": 0, "nodes": []}
    assert json.loads(seen["told"].replace("\xa0", " "))["data"]["promptEvents"]["prompt"] == {"name": "seen/live"}
    assert seen["foreign"] == []
    assert seen["complaints"] == []

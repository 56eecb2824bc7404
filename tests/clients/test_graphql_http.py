"""npm's `graphql-http` asks its own audits of a running server: `npm ci` in tests/clients installs it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from graph.app import create_app
from graph.settings import Settings
from tests.http.toy import Client, make_app, serve

CLIENTS = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
    pytest.mark.skipif(not (CLIENTS / "node_modules/graphql-http").is_dir(), reason="needs `npm ci` in tests/clients"),
]


async def check_audits(client: Client) -> None:
    """Every audit is ok; one that is not is shown with its reason."""
    assert NODE
    async with client.get("/livez") as alive:
        url = str(alive.url.with_path("/graphql"))
    process = await asyncio.create_subprocess_exec(
        NODE, "audit.mjs", url, cwd=CLIENTS, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    audits = [json.loads(line) for line in output.splitlines()]
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61


async def test_the_audit_suite_of_graphql_http_is_ok_61_times_of_61(
    mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    settings = Settings(host="127.0.0.1", mongodb_database=database_name, data_dir=tmp_path)
    async with serve(create_app(settings, mongodb_url)) as client:
        await check_audits(client)


async def test_it_is_ok_with_any_schema() -> None:
    async with serve(make_app()) as client:
        await check_audits(client)

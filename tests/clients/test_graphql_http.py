"""npm's `graphql-http` asks its own audits of a running server: `npm ci` in tests/clients installs it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.http.toy import make_app, serve

CLIENTS = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
    pytest.mark.skipif(not (CLIENTS / "node_modules/graphql-http").is_dir(), reason="needs `npm ci` in tests/clients"),
]


async def run_audits(url: str) -> list[dict[str, str | None]]:
    """Every audit's id, status and, when it is not ok, the reason."""
    assert NODE
    process = await asyncio.create_subprocess_exec(
        NODE, "audit.mjs", url, cwd=CLIENTS, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    return [json.loads(line) for line in output.splitlines()]


async def test_the_audit_suite_of_graphql_http_is_ok_61_times_of_61() -> None:
    async with serve(make_app()) as client:
        audits = await run_audits(str(client.make_url("/graphql")))
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61

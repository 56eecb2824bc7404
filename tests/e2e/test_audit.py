"""The audit from outside: what came over HTTP, read by the command, and a chain that somebody has touched."""

import asyncio
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient

from tests.e2e.conftest import MakeServer
from tests.e2e.server import run_command

AUDIT = """{ auditLog(first: 50) { nodes {
  kind address requestId apiKeyId promptName detail actor { displayName } } } }"""
CREATE = """mutation { promptCreate(input: { name: "a", template: { text: "x" } }) { prompt { id } } }"""
KEYS = "{ apiKeys { totalCount } }"


@pytest.mark.timeout(120)
async def test_who_did_what_from_where_is_written_down_and_cannot_be_altered_unseen(
    make_server: MakeServer, mongodb_url: str, database_name: str, tmp_path: Path
) -> None:
    environment = {
        "PROMPTGRAPH_MONGODB_URL": mongodb_url,
        "PROMPTGRAPH_MONGODB_DATABASE": database_name,
        "PROMPTGRAPH_REFUSAL_FLUSH_SECONDS": "0.2",
    }

    async def command(*arguments: str, code: int = 0) -> str:
        ended = await run_command(*arguments, cwd=tmp_path, environment=environment)
        assert ended.code == code, ended
        return ended.out

    secret = await command("apikey", "create", "website", "--scope", "prompts:write", "--scope", "audit:read")
    headers = {"Authorization": f"Bearer {secret.strip()}", "X-Request-Id": "order-66"}
    server = make_server(**environment)
    await server.start()
    assert (await server.graphql(CREATE, headers=headers)).data
    for _ in range(3):
        assert (await server.graphql(KEYS, headers=headers)).codes == ["FORBIDDEN"]
        assert (await server.graphql(KEYS, headers={"Authorization": "Bearer pg_wrong"})).status == 401
    async with asyncio.timeout(30):
        while True:
            entries = (await server.graphql(AUDIT, headers=headers)).data["auditLog"]["nodes"]
            if sum(entry["detail"].get("count", 0) for entry in entries) == 6:
                break
            await asyncio.sleep(0.05)
    told = {entry["kind"]: entry for entry in entries}
    assert (told["CREATED"]["promptName"], told["CREATED"]["requestId"]) == ("a", "order-66")
    assert (told["CREATED"]["address"], told["CREATED"]["actor"]) == ("127.0.0.1", {"displayName": "website"})
    assert told["API_KEY_CREATED"]["address"] is None
    refused = {entry["detail"]["operation"]: entry for entry in entries if entry["kind"] == "REFUSED"}
    assert set(refused) == {"apiKeys", "POST /graphql"}
    assert refused["apiKeys"]["apiKeyId"] == told["CREATED"]["apiKeyId"]
    assert refused["POST /graphql"]["apiKeyId"] is None

    ready = (await server.get("/readyz")).body["feed"]
    assert (ready["sequencer"], ready["unnumbered"]) == ("working", 0)
    *_, head = (await command("audit", "verify")).split()
    assert head.startswith(f"{ready['lastSeq']}:")
    assert "order-66" in await command("audit", "list")
    await command("audit", "verify", "--known", head[:-1] + ("0" if head[-1] != "0" else "1"), code=1)
    async with AsyncMongoClient[dict[str, object]](mongodb_url) as client:
        await client[database_name].events.update_one({"seq": 2}, {"$set": {"address": "192.0.2.1"}})
    assert "Record 2 " in await command("audit", "verify", code=1)

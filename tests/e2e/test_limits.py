"""Rates and costs on a configured database, as callers meet them on every face; two servers share a Redis."""

from pathlib import Path

import pytest

from tests.e2e.conftest import MakeServer
from tests.e2e.server import Server, run_command
from tests.redis_server import PATIENCE, redis_url

__all__ = ["redis_url"]

LIMIT = 10
VIEWER = "{ viewer { rateLimit { limit remaining cost } } }"
FACES = ["/prompts/nothing", "/api/public/v2/prompts", "/v1/models", "/nowhere", "/graphql?query={__typename}"]
Header = dict[str, str]


@pytest.fixture
def environment(mongodb_url: str, database_name: str, redis_url: str) -> dict[str, str]:
    return {
        "PROMPTGRAPH_MONGODB_URL": mongodb_url,
        "PROMPTGRAPH_MONGODB_DATABASE": database_name,
        "PROMPTGRAPH_REDIS_URL": redis_url,
        "PROMPTGRAPH_REDIS_TIMEOUT_SECONDS": str(PATIENCE),
        "PROMPTGRAPH_RATE_LIMIT": str(LIMIT),
        "PROMPTGRAPH_RATE_LIMIT_ANONYMOUS": "3",
        "PROMPTGRAPH_RATE_LIMIT_SECONDS": "6000",
    }


async def make_key(environment: dict[str, str], cwd: Path) -> Header:
    ended = await run_command("apikey", "create", "ci", cwd=cwd, environment=environment)
    assert ended.code == 0, ended
    return {"Authorization": f"Bearer {ended.out.strip()}"}


async def left(server: Server, path: str, key: Header | None = None) -> int | None:
    """What the answer says is left; None when it is 429."""
    answer = await server.get(path, key)
    assert answer.headers["RateLimit-Policy"].endswith(";w=6000")
    return None if answer.status == 429 else int(answer.headers["RateLimit"].split("r=")[1].split(";")[0])


async def test_every_face_of_every_server_charges_the_same_key(
    make_server: MakeServer, environment: dict[str, str], tmp_path: Path
) -> None:
    servers = [make_server(name, **environment) for name in ("one", "two")]
    for server in servers:
        await server.start()
    key = await make_key(environment, tmp_path)
    one, two = servers
    for number, path in enumerate(FACES):
        assert await left(servers[number % 2], path, key) == LIMIT - 1 - number
    answer = await two.graphql(VIEWER, headers=key)
    assert answer.data["viewer"]["rateLimit"] == {"limit": LIMIT, "remaining": LIMIT - len(FACES) - 1, "cost": 1}
    assert answer.body["extensions"]["cost"] == {"points": 2, "limit": 20_000, "requests": 1}
    costly = "{ prompts(first: 100) { nodes { labels { version { number } } } } }"
    refused = await one.graphql(costly, headers=key)
    assert (refused.status, refused.codes) == (429, ["RATE_LIMITED"])
    while await left(one, FACES[0], key) is not None:
        pass
    for server in servers:
        for path in FACES:
            assert await left(server, path, key) is None
        assert (await server.get("/livez")).status == 200
    assert [await left(one, FACES[0]) for _ in range(4)] == [2, 1, 0, None]
    assert await left(two, FACES[1]) is None

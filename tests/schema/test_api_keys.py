"""API keys over GraphQL: made, listed, fetched, rotated, revoked."""

from datetime import timedelta
from typing import Any

import pytest

from graph.domain.actors import ANONYMOUS, Access, Grant, Scope
from graph.domain.denials import UnauthenticatedError
from graph.operations.access import authenticate
from graph.schema.node import encode_id
from tests.fixtures import caller
from tests.schema.conftest import Api

KEY = """id name state scopes grants { folder canWrite } expiresAt revokedAt lastUsedAt
  actor { displayName } createdBy { id }"""
LIST = """query($first: Int, $after: String) { apiKeys(first: $first, after: $after) {
  totalCount nodes { id name } pageInfo { hasNextPage endCursor } } }"""
NODE = "query($id: ID!) { node(id: $id) { __typename ... on ApiKey { name } } }"
INPUT = {"name": "ci", "scopes": ["prompts:read", "render"], "grants": [{"folder": "support"}]}
MANAGER = caller("keeper", {Scope.KEYS_MANAGE, Scope.PROMPTS_READ}, (Grant("support"),))


async def make(api: Api, **input: Any) -> dict[str, Any]:
    return await api.change("apiKeyCreate", INPUT | input, f"apiKey {{ {KEY} }} secret")


async def test_a_key_is_made_and_its_secret_shown_once(api: Api) -> None:
    ends = api.deps.clock() + timedelta(days=1)
    made = await make(api, expiresAt=ends.isoformat())
    key = made["apiKey"]
    assert (key["name"], key["state"], key["actor"]) == ("ci", "LIVE", {"displayName": "ci"})
    assert (key["scopes"], key["grants"]) == (["prompts:read", "render"], [{"folder": "support", "canWrite": False}])
    access = await authenticate(api.deps, made["secret"], None, ANONYMOUS)
    assert access.expires_at == ends
    assert made["secret"] not in str(await api.query(LIST))


async def test_keys_are_listed_newest_first_in_pages_and_fetched_by_id(api: Api) -> None:
    made = [(await make(api, name=f"key {number}"))["apiKey"] for number in range(3)]
    first = (await api.query(LIST, {"first": 2}))["apiKeys"]
    assert first["totalCount"] == 3
    after = first["pageInfo"]["endCursor"]
    rest = (await api.query(LIST, {"first": 2, "after": after}))["apiKeys"]
    assert [node["name"] for node in first["nodes"] + rest["nodes"]] == ["key 2", "key 1", "key 0"]
    found = await api.query(NODE, {"id": made[1]["id"]})
    assert found == {"node": {"__typename": "ApiKey", "name": "key 1"}}


async def test_a_key_is_rotated_with_an_overlap(api: Api) -> None:
    made = await make(api)
    input = {"apiKeyId": made["apiKey"]["id"], "overlapSeconds": 3_600}
    done = await api.change("apiKeyRotate", input, f"apiKey {{ {KEY} }} replaced {{ {KEY} }} secret")
    assert (done["apiKey"]["state"], done["replaced"]["state"]) == ("LIVE", "LIVE")
    assert done["replaced"]["expiresAt"]
    assert done["apiKey"]["actor"] == made["apiKey"]["actor"]
    assert done["secret"] != made["secret"]
    for secret in (done["secret"], made["secret"]):
        assert await authenticate(api.deps, secret, None, ANONYMOUS)


async def test_a_key_is_revoked_at_once_and_twice_is_once(api: Api) -> None:
    made = await make(api)
    input = {"apiKeyId": made["apiKey"]["id"]}
    first = await api.change("apiKeyRevoke", input, f"apiKey {{ {KEY} }}")
    assert first["apiKey"]["state"] == "REVOKED"
    with pytest.raises(UnauthenticatedError):
        await authenticate(api.deps, made["secret"], None, ANONYMOUS)
    assert await api.change("apiKeyRevoke", input, f"apiKey {{ {KEY} }}") == first
    error = await api.refuse("apiKeyRotate", input)
    assert error["path"] == ["input", "apiKeyId"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": " "}, ["name"]),
        ({"scopes": ["prompts:read", "everything"]}, ["scopes", "1"]),
        ({"grants": [{"folder": "a//b"}]}, ["grants"]),
        ({"actor": "a\nb"}, ["actor"]),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, ["expiresAt"]),
    ],
)
async def test_bad_input_is_told(untouched: Api, change: dict[str, Any], path: list[str]) -> None:
    error = await untouched.refuse("apiKeyCreate", INPUT | change)
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", *path])


@pytest.mark.parametrize("deed", ["apiKeyRotate", "apiKeyRevoke"])
async def test_a_key_that_may_more_looks_as_if_it_were_not_there(api: Api, deed: str) -> None:
    wide = (await make(api, grants=[{"folder": ""}]))["apiKey"]["id"]
    hidden = await api.refuse(deed, {"apiKeyId": wide}, access=MANAGER)
    gone = await api.refuse(deed, {"apiKeyId": encode_id("ApiKey", "nobody")}, access=MANAGER)
    assert hidden == gone
    assert (await api.query(LIST, access=MANAGER))["apiKeys"]["totalCount"] == 0
    for access in (MANAGER, caller("reader", {Scope.PROMPTS_READ}), ANONYMOUS):
        assert await fetched(api, wide, access) is None


async def fetched(api: Api, id: str, access: Access) -> Any:
    return (await api.query(NODE, {"id": id}, access))["node"]

"""`auditLog`: who did what, when, from where and with which key, for those who may know."""

from dataclasses import replace
from typing import Any

import pytest

from graph.domain.actors import Access, Grant, Origin, Scope
from graph.domain.limits import Limits
from graph.operations.api_keys import create_key
from graph.operations.audit import note_refusal
from graph.operations.prompts import create_prompt
from graph.schema.node import encode_id
from tests.fixtures import caller, draft
from tests.schema.conftest import Api
from tests.search_sync.chains import number_all

LOG = """query($filter: AuditFilter, $first: Int, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes { sequence kind occurredAt actor { id } apiKeyId address requestId promptId promptName detail hash }
    edges { cursor node { sequence } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    totalCount
  }
}"""
ADA = replace(caller(), key_id="key-1", origin=Origin("192.0.2.7", "request-1"))
BOB = replace(caller("bob"), key_id="key-2")


async def read(api: Api, access: Access = ADA, **variables: Any) -> dict[str, Any]:
    log: dict[str, Any] = (await api.query(LOG, variables, access))["auditLog"]
    return log


async def kinds(api: Api, access: Access = ADA, **variables: Any) -> list[str]:
    return [node["kind"] for node in (await read(api, access, **variables))["nodes"]]


@pytest.fixture
async def prompt_id(api: Api) -> str:
    """Two prompts by two people, a key, a refusal."""
    deps = api.deps
    prompt = await create_prompt(deps, ADA, draft("a/one"))
    await create_prompt(deps, BOB, draft("b/two"))
    await create_key(deps, ADA, "website", [Scope.RENDER])
    note_refusal(deps, BOB, "apiKeys", "FORBIDDEN")
    await deps.store.refusals.flush()
    await number_all(deps.store.database.client[deps.store.database.collection("events").database.name])
    return prompt.id


async def test_all_is_told_newest_first(api: Api, prompt_id: str) -> None:
    log = await read(api)
    assert [node["kind"] for node in log["nodes"]] == ["REFUSED", "API_KEY_CREATED", "CREATED", "CREATED"]
    assert [node["sequence"] for node in log["nodes"]] == [4, 3, 2, 1]
    assert log["totalCount"] == 4
    first = log["nodes"][-1]
    assert (first["promptName"], first["promptId"]) == ("a/one", encode_id("Prompt", prompt_id))
    assert (first["apiKeyId"], first["address"]) == (encode_id("ApiKey", "key-1"), "192.0.2.7")
    assert (first["requestId"], len(first["hash"])) == ("request-1", 64)
    assert log["nodes"][0]["detail"]["operation"] == "apiKeys"


async def test_filters_narrow_together(api: Api, prompt_id: str) -> None:
    bob = encode_id("User", "actor-bob")
    assert await kinds(api, filter={"actorIds": [bob]}) == ["REFUSED", "CREATED"]
    assert await kinds(api, filter={"actorIds": [bob], "kinds": ["CREATED"]}) == ["CREATED"]
    assert len(await kinds(api, filter={"apiKeyIds": [encode_id("ApiKey", "key-1")]})) == 2
    assert await kinds(api, filter={"promptIds": [encode_id("Prompt", prompt_id)]}) == ["CREATED"]
    times = [node["occurredAt"] for node in (await read(api))["nodes"]]
    assert len(await kinds(api, filter={"since": times[0]})) >= 1
    assert await kinds(api, filter={"until": times[-1]}) == []


async def test_pages_follow_one_another(api: Api, prompt_id: str) -> None:
    first = await read(api, first=3)
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    second = await read(api, first=3, after=first["pageInfo"]["endCursor"])
    assert [node["sequence"] for node in second["nodes"]] == [1]
    assert second["pageInfo"]["hasNextPage"] is False


async def test_a_page_looks_at_a_bounded_number_of_records(api: Api, prompt_id: str) -> None:
    few = replace(api, deps=replace(api.deps, limits=Limits(log_counted=2)))
    where = {"promptIds": [encode_id("Prompt", prompt_id)]}
    first = await read(few, filter=where)
    assert (first["nodes"], first["pageInfo"]["hasNextPage"]) == ([], True)
    second = await read(few, filter=where, after=first["pageInfo"]["endCursor"])
    assert (len(second["nodes"]), second["pageInfo"]["hasNextPage"]) == (1, False)


async def test_who_does_not_reach_every_folder_sees_what_happened_in_theirs(api: Api, prompt_id: str) -> None:
    auditor = caller(scopes={Scope.AUDIT_READ}, grants=(Grant("a"),))
    log = await read(api, auditor)
    assert [node["promptName"] for node in log["nodes"]] == ["a/one"]
    assert log["totalCount"] == 1


@pytest.mark.parametrize("access", [Access(None, reads_public=True), caller(scopes={Scope.EVENTS_READ})])
async def test_who_may_not_read_the_audit_is_refused(untouched: Api, access: Access) -> None:
    result = await untouched.execute(LOG, {}, access)
    assert result.data == {"auditLog": None}


@pytest.mark.parametrize("variables", [{"after": "forged"}, {"filter": {"actorIds": ["x"]}}, {"first": 0}])
async def test_what_cannot_be_is_refused(untouched: Api, variables: dict[str, Any]) -> None:
    result = await untouched.execute(LOG, variables, ADA)
    assert result.data == {"auditLog": None}
    assert result.errors

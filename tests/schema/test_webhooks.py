"""Webhooks over GraphQL: made, listed, fetched, changed, tried, replayed, deleted; and what is refused."""

from typing import Any

import pytest

from graph.domain.actors import Access, Grant, Scope
from graph.operations.feed import cursor_of
from graph.schema.node import encode_id
from tests.fixtures import caller
from tests.schema.conftest import Api

URL = "https://partner.example/hook"
HOOK = """id url state pauseReason pausedAt cursor owner { id }
  filter { promptIds folders tags labels kinds } deliveries { totalCount }"""
LIST = """query($first: Int, $after: String) { webhooks(first: $first, after: $after) {
  totalCount nodes { id url } pageInfo { hasNextPage endCursor } } }"""
NODE = "query($id: ID!) { node(id: $id) { __typename ... on Webhook { url } } }"


async def make(api: Api, url: str = URL, access: Access | None = None, **input: Any) -> dict[str, Any]:
    fields = f"webhook {{ {HOOK} }} secret"
    return await api.change("webhookCreate", {"url": url, **input}, fields, access=access or caller())


async def test_a_webhook_is_made_and_its_secret_shown_once(api: Api) -> None:
    prompt = await api.create()
    where = {"folders": ["support/"], "kinds": ["LABEL_SET"], "promptIds": [prompt["id"]]}
    made = await make(api, filter=where)
    hook = made["webhook"]
    assert (hook["url"], hook["state"], hook["pauseReason"]) == (URL, "ACTIVE", None)
    assert hook["filter"] == {**where, "folders": ["support"], "tags": None, "labels": None}
    assert hook["cursor"] == cursor_of(api.deps, 0)
    assert hook["deliveries"] == {"totalCount": 0}
    assert made["secret"].startswith("whsec_")
    stored = str(await api.records.all("webhooks"))
    assert made["secret"] not in stored
    assert made["secret"].removeprefix("whsec_") not in stored


async def test_webhooks_are_listed_newest_first_in_pages_and_fetched_by_id(api: Api) -> None:
    made = [(await make(api, f"{URL}/{number}"))["webhook"] for number in range(3)]
    first = (await api.query(LIST, {"first": 2}))["webhooks"]
    assert first["totalCount"] == 3
    rest = (await api.query(LIST, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["webhooks"]
    assert [node["url"][-1] for node in first["nodes"] + rest["nodes"]] == ["2", "1", "0"]
    found = await api.query(NODE, {"id": made[1]["id"]})
    assert found == {"node": {"__typename": "Webhook", "url": f"{URL}/1"}}


async def test_others_webhooks_do_not_exist(api: Api) -> None:
    hook = (await make(api))["webhook"]
    stranger = caller("eve", set(Scope) - {Scope.KEYS_MANAGE})
    assert (await api.query(LIST, access=stranger))["webhooks"]["nodes"] == []
    assert await api.query(NODE, {"id": hook["id"]}, access=stranger) == {"node": None}
    for deed in ("webhookUpdate", "webhookTest", "webhookReplay", "webhookDelete"):
        error = await api.refuse(deed, {"webhookId": hook["id"]}, access=stranger)
        assert error["__typename"] == "NotFoundError"
        assert error == await api.refuse(deed, {"webhookId": encode_id("Webhook", "none")}, access=stranger)


async def test_who_sees_all_may_pause_and_delete_but_not_turn_it_elsewhere(api: Api) -> None:
    hook = (await make(api))["webhook"]
    keeper = caller("keeper")
    changes: list[dict[str, Any]] = [{"url": "https://elsewhere.example/"}, {"filter": {}}, {"rotateSecret": True}]
    for change in changes:
        error = await api.refuse("webhookUpdate", {"webhookId": hook["id"], **change}, access=keeper)
        assert error["__typename"] == "InvalidInputError"
    paused = await api.change(
        "webhookUpdate", {"webhookId": hook["id"], "state": "PAUSED"}, "webhook { state pauseReason }", access=keeper
    )
    assert paused["webhook"] == {"state": "PAUSED", "pauseReason": "OWNER"}
    gone = await api.change("webhookDelete", {"webhookId": hook["id"]}, "deletedWebhookId", access=keeper)
    assert gone["deletedWebhookId"] == hook["id"]


async def test_a_webhook_takes_the_rights_of_the_key_that_sets_it(api: Api) -> None:
    hook = (await make(api))["webhook"]
    narrow = caller("ada", {Scope.WEBHOOKS_MANAGE, Scope.EVENTS_READ, Scope.PROMPTS_READ}, (Grant("support"),))
    await api.change("webhookUpdate", {"webhookId": hook["id"], "url": f"{URL}2"}, access=narrow)
    (stored,) = await api.records.all("webhooks")
    assert stored["grants"] == [{"folder": "support", "can_write": False}]


async def test_a_secret_is_rotated_and_the_former_one_holds_for_a_while(api: Api) -> None:
    made = await make(api)
    id = made["webhook"]["id"]
    rotated = await api.change("webhookUpdate", {"webhookId": id, "rotateSecret": True}, "secret", access=caller())
    assert rotated["secret"] not in (None, made["secret"])
    (stored,) = await api.records.all("webhooks")
    assert [mark["until"] is None for mark in stored["secrets"]] == [True, False]
    kept = await api.change("webhookUpdate", {"webhookId": id}, "secret webhook { url }", access=caller())
    assert kept == {"secret": None, "webhook": {"url": URL}, "errors": []}


async def test_a_replay_sets_the_cursor(api: Api) -> None:
    hook = (await make(api))["webhook"]
    for after in (cursor_of(api.deps, 7), cursor_of(api.deps, 0)):
        input = {"webhookId": hook["id"], "after": after}
        done = await api.change("webhookReplay", input, "webhook { cursor }", access=caller())
        assert done["webhook"]["cursor"] == after
    done = await api.change("webhookReplay", {"webhookId": hook["id"]}, "webhook { cursor }", access=caller())
    assert done["webhook"]["cursor"] == cursor_of(api.deps, 0)
    error = await api.refuse("webhookReplay", {"webhookId": hook["id"], "after": "forged"}, access=caller())
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "after"])


async def test_a_trial_to_an_address_inside_is_told_as_refused(api: Api) -> None:
    hook = (await make(api, "https://localhost:1024/hook"))["webhook"]
    tried = await api.change(
        "webhookTest", {"webhookId": hook["id"]}, "attempt { status error latencyMilliseconds }", access=caller()
    )
    assert tried["attempt"]["status"] is None
    assert "not one of the public internet" in tried["attempt"]["error"]


REFUSED_URLS = [
    "http://partner.example/",
    "ftp://partner.example/",
    "partner.example",
    "https://",
    "",
    "https://user:password@partner.example/",
    "https://user@partner.example/",
    "https://partner.example/#part",
    "https://partner.example:22/",
    "https://partner.example:99999/",
    "https://pärtner.example/",
    "https://partner.example/a b",
    "https://partner.example\\@127.0.0.1/",
    "https://partner.example/\n",
    "https://[::1/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://169.254.169.254/latest/",
    "https://partner.example/" + "x" * 2_000,
]


@pytest.mark.parametrize("url", REFUSED_URLS)
async def test_a_url_that_may_not_be_is_refused_with_its_rule(untouched: Api, url: str) -> None:
    error = await untouched.refuse("webhookCreate", {"url": url})
    assert (error["__typename"], error["path"]) == ("InvalidInputError", ["input", "url"])


async def test_an_invalid_filter_or_cursor_is_refused(untouched: Api) -> None:
    for input in ({"filter": {"folders": ["/"]}}, {"filter": {"promptIds": ["x"]}}, {"after": "x"}):
        error = await untouched.refuse("webhookCreate", {"url": URL, **input})
        assert error["__typename"] == "InvalidInputError"


async def test_an_owner_has_a_bounded_number_of_webhooks(api: Api) -> None:
    most = 50
    await api.deps.store.database.collection("webhooks").insert_many(
        [{"_id": f"w{number}", "owner": "actor-ada", "reason": "owner"} for number in range(most)]
    )
    error = await api.refuse("webhookCreate", {"url": URL}, access=caller())
    assert "50 webhooks" in error["message"]


async def test_to_read_events_is_needed_as_well(api: Api) -> None:
    access = caller("ada", {Scope.WEBHOOKS_MANAGE, Scope.PROMPTS_READ})
    result = await api.attempt("webhookCreate", {"url": URL}, access=access)
    assert result.errors
    assert "events:read" in result.errors[0].message

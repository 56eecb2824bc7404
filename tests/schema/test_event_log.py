"""`promptEventLog`: what happened, oldest first, for those who may know, from any place on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from graph.domain.actors import Access, Grant, Scope
from graph.domain.limits import Limits
from graph.operations.feed import cursor_of
from tests.feeds import number_events
from tests.fixtures import caller
from tests.schema.conftest import Api

LOG = """query($filter: PromptEventFilter, $first: Int, $after: String) {
  promptEventLog(filter: $filter, first: $first, after: $after) {
    nodes { __typename cursor kind promptId isInScope prompt { name }
      ... on PromptVersionCreatedEvent { number version { number } }
      ... on PromptLabelEvent { labelName versionNumber } }
    edges { cursor node { kind } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}"""


async def read(api: Api, access: Access | None = None, **variables: Any) -> dict[str, Any]:
    log: dict[str, Any] = (await api.query(LOG, variables, access or caller()))["promptEventLog"]
    return log


async def code_of(api: Api, access: Access | None = None, **variables: Any) -> str:
    result = await api.execute(LOG, variables, access or caller())
    assert result.errors
    assert result.data == {"promptEventLog": None}
    error: Any = result.errors[0].original_error
    return str(getattr(error.original_error if hasattr(error, "original_error") else error, "code", error))


async def make_history(api: Api) -> Mapping[str, Any]:
    """Three prompts, seven changes."""
    prompt = await api.create("a/one")
    await api.append(prompt, "Another")
    label = {"promptId": prompt["id"], "name": "qa", "version": {"number": 2}}
    await api.change("promptLabelSet", label)
    await api.create("b/two")
    gone = await api.create("a/gone")
    await api.change("promptDelete", {"promptId": gone["id"], "confirmName": "a/gone"})
    await api.change("promptLabelRemove", {"promptId": prompt["id"], "name": "qa"})
    await number_events(api.deps)
    return prompt


async def test_every_change_is_told_in_order_and_as_what_it_is(api: Api) -> None:
    prompt = await make_history(api)
    log = await read(api)
    assert [node["kind"] for node in log["nodes"]] == [
        *("CREATED", "VERSION_CREATED", "LABEL_SET", "CREATED", "CREATED", "DELETED", "LABEL_REMOVED")
    ]
    created, version, label, *_, deleted, removed = log["nodes"]
    assert created["__typename"] == "PromptChangedEvent"
    assert created["prompt"] == {"name": "a/one"}
    assert (version["number"], version["version"]) == (2, {"number": 2})
    assert version["promptId"] == prompt["id"]
    assert (label["labelName"], label["versionNumber"]) == ("qa", 2)
    assert (removed["labelName"], removed["versionNumber"]) == ("qa", None)
    assert (deleted["prompt"], deleted["isInScope"]) == (None, False)
    assert log["totalCount"] == 7
    assert [edge["cursor"] for edge in log["edges"]] == [node["cursor"] for node in log["nodes"]]


async def test_pages_follow_one_another_and_the_last_cursor_waits_for_more(api: Api) -> None:
    await make_history(api)
    kinds, after, sizes = [], None, []
    while True:
        page = await read(api, first=3, after=after)
        kinds += [node["kind"] for node in page["nodes"]]
        sizes.append(len(page["nodes"]))
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (len(kinds), sizes) == (7, [3, 3, 1])
    assert (await read(api, after=after))["nodes"] == []
    await api.create("c/three")
    await number_events(api.deps)
    assert [node["kind"] for node in (await read(api, after=after))["nodes"]] == ["CREATED"]


async def test_a_filter_tells_also_what_leaves_it(api: Api) -> None:
    await make_history(api)
    log = await read(api, filter={"labels": ["qa"]})
    assert [(node["kind"], node["isInScope"]) for node in log["nodes"]] == [
        ("LABEL_SET", True),
        ("LABEL_REMOVED", False),
    ]
    assert log["totalCount"] == 2
    assert len((await read(api, filter={"folders": ["b"], "kinds": ["CREATED"]}))["nodes"]) == 1


async def test_only_what_the_caller_may_see_is_told_and_counted(api: Api) -> None:
    await make_history(api)
    reader = caller(scopes={Scope.EVENTS_READ, Scope.PROMPTS_READ}, grants=(Grant("b"),))
    log = await read(api, reader)
    assert [node["prompt"] for node in log["nodes"]] == [{"name": "b/two"}]
    assert log["totalCount"] == 1


async def test_a_page_looks_at_a_bounded_number_of_records_and_moves_on(api: Api) -> None:
    await make_history(api)
    few = replace(api, deps=replace(api.deps, limits=Limits(log_records=3)))
    reader = caller(scopes={Scope.EVENTS_READ, Scope.PROMPTS_READ}, grants=(Grant("b"),))
    first = await read(few, reader)
    assert (first["nodes"], first["pageInfo"]["hasNextPage"]) == ([], True)
    second = await read(few, reader, after=first["pageInfo"]["endCursor"])
    assert len(second["nodes"]) == 1
    third = await read(few, reader, after=second["pageInfo"]["endCursor"])
    assert (third["nodes"], third["pageInfo"]["hasNextPage"]) == ([], False)


@pytest.mark.parametrize(
    ("access", "code"),
    [(Access(None, reads_public=True), "UNAUTHENTICATED"), (caller(scopes={Scope.PROMPTS_READ}), "FORBIDDEN")],
)
async def test_who_may_not_read_events_is_refused(untouched: Api, access: Access, code: str) -> None:
    assert await code_of(untouched, access) == code


async def test_a_cursor_of_another_list_or_beyond_the_end_is_refused(untouched: Api) -> None:
    assert await code_of(untouched, after="forged") == "INVALID_CURSOR"
    other = untouched.deps.signer.sign("prompts", (1,))
    assert await code_of(untouched, after=other) == "INVALID_CURSOR"
    assert await code_of(untouched, after=cursor_of(untouched.deps, 99)) == "HISTORY_LOST"


async def test_a_cursor_before_what_is_kept_has_expired(api: Api) -> None:
    await make_history(api)
    state = api.deps.store.database.collection("sync_state")
    await state.update_one({"_id": "feed"}, {"$set": {"first": 4}})
    assert await code_of(api, after=cursor_of(api.deps, 2)) == "CURSOR_EXPIRED"
    assert len((await read(api, after=cursor_of(api.deps, 3)))["nodes"]) == 4
    assert len((await read(api))["nodes"]) == 4


@pytest.mark.parametrize(
    "filter", [{"promptIds": ["x"]}, {"tags": ["t"] * 101}, {"folders": ["a//b"]}, {"kinds": ["CREATED"] * 101}]
)
async def test_a_filter_that_cannot_be_is_refused(untouched: Api, filter: dict[str, Any]) -> None:
    assert await code_of(untouched, filter=filter) == "BAD_USER_INPUT"

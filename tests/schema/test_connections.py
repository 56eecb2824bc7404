"""Lists: both ways, counted when asked, and with cursors that belong to one list only."""

from datetime import datetime
from typing import Any

import pytest

from graph.domain.errors import InvalidCursorError, InvalidInputError
from graph.schema.connections import milliseconds
from tests.schema.conftest import Api

PAGE = "nodes { ...name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"
PROMPTS = (
    "query($first: Int, $after: String, $last: Int, $before: String, $order: PromptOrder, $filter: PromptFilter) {"
    "  prompts(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {"
    f"    {PAGE} }} }} fragment name on Prompt {{ name }}"
)
VERSIONS = (
    "query($name: String!, $first: Int, $after: String, $last: Int, $before: String) { prompt(by: {name: $name}) {"
    "  versions(first: $first, after: $after, last: $last, before: $before) {"
    f"    {PAGE} }} }} }} fragment name on PromptVersion {{ number }}"
)
BY_NAME = {"field": "NAME", "direction": "ASC"}
NAMES = ["a/1", "a/2", "b/1", "b/2", "c"]


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("1970-01-01T00:00:00.0006+00:00", 0),
        ("1969-12-31T23:59:59.9996+00:00", -1),
        ("1970-01-01T01:00:00.007+01:00", 7),
        ("0001-01-01T00:00:00+14:00", -62_135_596_800_000),
        ("9999-12-31T23:59:59-14:00", 253_402_300_799_999),
    ],
)
def test_a_time_is_held_in_whole_milliseconds_rounded_down_whatever_its_offset(written: str, held: int) -> None:
    assert milliseconds(datetime.fromisoformat(written)) == held


@pytest.fixture
async def five(api: Api) -> Api:
    for name in NAMES:
        await api.create(name)
    return api


async def names(api: Api, **arguments: Any) -> tuple[list[str], dict[str, Any]]:
    page = (await api.query(PROMPTS, {"order": BY_NAME, **arguments}))["prompts"]
    return [node["name"] for node in page["nodes"]], page


@pytest.mark.parametrize("field", ["NAME", "CREATED_AT", "UPDATED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_forward_and_backward_hold_every_prompt_once(five: Api, field: str, direction: str) -> None:
    order = {"field": field, "direction": direction}
    whole, _ = await names(five, order=order)
    assert sorted(whole) == NAMES
    forward: list[str] = []
    after = None
    while True:
        part, page = await names(five, order=order, first=2, after=after)
        forward += part
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    backward: list[str] = []
    before = None
    while True:
        part, page = await names(five, order=order, last=2, before=before)
        backward = part + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert forward == whole
    assert backward == whole


async def test_edges_carry_the_cursors_of_their_nodes(five: Api) -> None:
    _, page = await names(five, first=3)
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])
    assert (await names(five, after=cursors[0]))[0] == NAMES[1:]
    assert page["totalCount"] == 5


async def test_an_empty_page_has_no_cursors(api: Api) -> None:
    _, page = await names(api)
    ends = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert page == {"nodes": [], "edges": [], "pageInfo": ends, "totalCount": 0}


async def test_a_cursor_of_another_filter_or_order_is_refused(five: Api) -> None:
    _, page = await names(five, first=1)
    cursor = page["pageInfo"]["endCursor"]
    by_time = {"field": "CREATED_AT", "direction": "ASC"}
    for foreign in ({"filter": {"folders": ["a"]}}, {"order": by_time}, {"order": {**BY_NAME, "direction": "DESC"}}):
        result = await five.execute(PROMPTS, {"order": BY_NAME, "after": cursor, **foreign})
        assert result.errors is not None
        assert isinstance(result.errors[0].original_error, InvalidCursorError)


async def test_a_cursor_of_one_prompts_versions_is_not_one_of_anothers(five: Api) -> None:
    page = (await five.query(VERSIONS, {"name": "c"}))["prompt"]["versions"]
    cursor = page["pageInfo"]["endCursor"]
    assert (await five.query(VERSIONS, {"name": "c", "after": cursor}))["prompt"]["versions"]["nodes"] == []
    result = await five.execute(VERSIONS, {"name": "b/1", "after": cursor})
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, InvalidCursorError)


@pytest.mark.parametrize("cursor", ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é", "eyJhIjoxfQ=="])
async def test_a_forged_cursor_is_refused(five: Api, cursor: str) -> None:
    for side in ("after", "before"):
        result = await five.execute(PROMPTS, {"order": BY_NAME, side: cursor})
        assert result.errors is not None
        assert isinstance(result.errors[0].original_error, InvalidCursorError)


@pytest.mark.parametrize("size", [{"first": -1}, {"first": 0}, {"last": 0}, {"first": 1000}, {"first": 1, "last": 1}])
async def test_a_size_out_of_bounds_is_refused(five: Api, size: dict[str, int]) -> None:
    result = await five.execute(PROMPTS, size)
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, InvalidInputError)


async def test_versions_are_paged_newest_first_both_ways(api: Api) -> None:
    prompt = await api.create("c")
    for number in range(2, 6):
        await api.append(prompt, f"text {number}", expected=number - 1)
    page = (await api.query(VERSIONS, {"name": "c", "first": 2}))["prompt"]["versions"]
    assert [node["number"] for node in page["nodes"]] == [5, 4]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"], page["totalCount"]) == (
        True,
        False,
        5,
    )
    further = (await api.query(VERSIONS, {"name": "c", "after": page["pageInfo"]["endCursor"]}))["prompt"]["versions"]
    assert [node["number"] for node in further["nodes"]] == [3, 2, 1]
    oldest = (await api.query(VERSIONS, {"name": "c", "last": 2}))["prompt"]["versions"]
    assert [node["number"] for node in oldest["nodes"]] == [2, 1]


async def test_the_filter_narrows_and_archived_prompts_are_left_out_unless_asked_for(five: Api) -> None:
    prompt = (await five.query('{ prompt(by: {name: "a/1"}) { id } }'))["prompt"]
    await five.change("promptArchive", {"promptId": prompt["id"]})
    assert (await names(five, filter={"folders": ["a"]}))[0] == ["a/2"]
    found, page = await names(five, filter={"folders": ["a", "b"], "includeArchived": True})
    assert found == ["a/1", "a/2", "b/1", "b/2"]
    assert page["totalCount"] == 4


async def test_an_id_in_the_filter_that_is_no_actors_is_refused(five: Api) -> None:
    result = await five.execute(PROMPTS, {"filter": {"authorIds": ["nonsense"]}})
    assert result.errors is not None
    error = result.errors[0].original_error
    assert isinstance(error, InvalidInputError)
    assert error.path == ("filter", "authorIds", "0")

"""Pages of `promptSearch`, and the cursors between them."""

from dataclasses import replace

from graph.domain.actors import Grant
from graph.domain.errors import (
    InvalidCursorError,
)
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import SearchIndex
from tests.fixtures import caller
from tests.schema.search.searcher import ALL_FACETS, Searcher


async def test_pages_join_and_the_end_is_told(zoo: Searcher) -> None:
    whole = await zoo.names(orderBy="UPDATED_AT")
    names: list[str] = []
    after = None
    while True:
        page = await zoo.search(orderBy="UPDATED_AT", first=2, after=after)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["totalCount"] == 5
        names += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert names == whole
    beyond = await zoo.search(orderBy="UPDATED_AT", after=after)
    assert (beyond["edges"], beyond["totalCount"]) == ([], 5)
    assert beyond["pageInfo"] == {
        "hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None
    }  # fmt: skip


async def test_a_cursor_holds_for_its_own_question_only(zoo: Searcher) -> None:
    cursor = (await zoo.search("refund", first=1))["pageInfo"]["endCursor"]
    assert len(await zoo.names("refund", after=cursor, first=100)) == 1
    for other in (
        {"query": "refunds"},
        {"query": "refund", "orderBy": "RATING"},
        {"query": "refund", "filter": {"tags": ["money"]}},
    ):
        assert isinstance(await zoo.refuse(**other, after=cursor), InvalidCursorError)
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for forged in ("", "x", "ünicode", flipped, "\ud800", cursor + "A" * 5_000):
        assert isinstance(await zoo.refuse("refund", after=forged), InvalidCursorError)


async def test_a_cursor_of_one_sight_is_refused_in_another(zoo: Searcher) -> None:
    cursor = (await zoo.search("refund", first=1))["pageInfo"]["endCursor"]
    narrow = caller("bob", grants=(Grant("support"),))
    result = await zoo.api.execute(
        "query Q($after: String) { promptSearch(query: \"refund\", after: $after) { totalCount } }",
        {"after": cursor}, narrow,
    )  # fmt: skip
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, InvalidCursorError)


async def test_a_hit_that_is_gone_is_left_out_and_the_page_goes_on(zoo: Searcher) -> None:
    names = await zoo.names(orderBy="UPDATED_AT")
    await zoo.api.deps.store.database.collection("prompts").delete_one({"name": names[0]})
    stale = replace(zoo.api.deps, index=await copy_of(zoo.api.deps.index), freshness=None)
    frozen = replace(zoo, api=replace(zoo.api, deps=stale))
    page = await frozen.search(orderBy="UPDATED_AT", first=1)
    assert page["edges"] == []
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await frozen.search(orderBy="UPDATED_AT", after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["name"] for edge in rest["edges"]] == names[1:]
    assert (rest["pendingChanges"], rest["indexedAt"]) == (None, None)


async def copy_of(index: SearchIndex | None) -> MemoryIndex:
    """What the index holds now, before the worker has seen what comes next."""
    assert isinstance(index, MemoryIndex)
    copy = MemoryIndex()
    copy.__dict__ |= {**index.__dict__, "_documents": dict(index._documents)}
    return copy


async def test_a_page_costs_the_same_few_round_trips_whatever_its_size(zoo: Searcher) -> None:
    for number in range(30):
        await zoo.api.create(f"many/refund-{number}", template={"text": f"refund {number}"})
    await zoo.settle()
    assert await round_trips(zoo, 2) == await round_trips(zoo, 30) <= 3


async def round_trips(searcher: Searcher, first: int) -> int:
    """What one search with everything selected reads of the store; the worker, which is idle, waits at its stream."""
    deps = searcher.api.deps
    database = deps.store.database.client[deps.store.database.collection("prompts").database.name]
    await database.command("profile", 2)
    page = await searcher.search("refund", first=first, fields=ALL_FACETS, filter={"folders": ["many"]})
    await database.command("profile", 0)
    assert len(page["edges"]) == first
    read = {f"{database.name}.{name}" for name in ("prompts", "actors", "version_archives", "ratings")}
    waits = {"originatingCommand.pipeline.$changeStream": {"$exists": True}}
    count = await database["system.profile"].count_documents({"ns": {"$in": list(read)}, "$nor": [waits]})
    await database["system.profile"].drop()
    return count

"""`promptSearch` and `similar` as a client asks them, on every index that needs no server."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
import strawberry

from graph.domain.actors import Grant
from graph.domain.errors import (
    IndexUnavailableError,
    InvalidCursorError,
    InvalidInputError,
    InvalidSearchTokenError,
    RequestTooCostlyError,
)
from graph.domain.limits import RequestLimits
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.prompts import SEARCH_TOKEN
from graph.schema.context import Context
from graph.schema.node import decode_id, encode_id
from search_sync.index import protocol
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import SearchIndex
from search_sync.index.tantivy import TantivyIndex
from tests.fixtures import caller
from tests.schema.discovery import Searcher, find, searching

ALL_FACETS = ["AUTHOR", "CATEGORY", "FOLDER", "KIND", "LABEL", "MODEL", "RATING", "TAG", "VARIABLE"]


@pytest.fixture
async def searcher(schema: strawberry.Schema, deps: Deps, database_name: str) -> AsyncIterator[Searcher]:
    async with searching(schema, deps, MemoryIndex(), database_name) as opened:
        yield opened


@pytest.fixture
async def zoo(searcher: Searcher) -> Searcher:
    """Six prompts of every kind."""
    api = searcher.api
    await api.create("support/refund-reply", title="Refund reply", tags=["mail", "money"], category="support")
    await api.create("support/greeting", tags=["mail"], category="support", template={"text": "Hello {{name}}"})
    await api.create("support/eu/refund", tags=["money"], template={"text": "Refund in {{country}}"})
    await api.create("code/review", tags=["code"], category="engineering", modelSettings={"model": "gpt-5"})
    chat = {"chat": [{"message": {"role": "USER", "content": "Translate {{text}}"}}]}
    await api.create("code/translate", template=chat, description="Any language into another")
    gone = await api.create("attic/refund", tags=["money"])
    await api.change("promptArchive", {"promptId": gone["id"]})
    await searcher.settle()
    return searcher


async def test_text_finds_by_name_words_beginnings_and_typos(zoo: Searcher) -> None:
    assert await zoo.names("refund reply") == ["support/refund-reply"]
    assert set(await zoo.names("refu")) == {"support/refund-reply", "support/eu/refund"}
    assert set(await zoo.names("refnud")) == {"support/refund-reply", "support/eu/refund"}
    assert await zoo.names("translte") == ["code/translate"]
    assert await zoo.names("xylophone") == []


async def test_an_empty_text_finds_everything_but_the_archived(zoo: Searcher) -> None:
    found = await zoo.search()
    assert (found["totalCount"], found["isTotalCountExact"]) == (5, True)
    assert (await zoo.search(filter={"includeArchived": True}))["totalCount"] == 6


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"tags": ["mail", "code"]}, {"support/refund-reply", "support/greeting", "code/review"}),
        ({"tags": ["mail"], "variables": ["customer"]}, {"support/refund-reply"}),
        ({"categories": ["engineering"]}, {"code/review"}),
        ({"folders": ["support/"]}, {"support/refund-reply", "support/greeting", "support/eu/refund"}),
        ({"folders": ["support/eu", "code"]}, {"support/eu/refund", "code/review", "code/translate"}),
        ({"kinds": ["CHAT"]}, {"code/translate"}),
        ({"models": ["gpt-5"]}, {"code/review"}),
        ({"tags": []}, set()),
        ({"labels": ["production"]}, set()),
        ({"minAverageRating": 1}, set()),
        ({"updatedAfter": "2100-01-01T00:00:00Z"}, set()),
        ({"updatedAfter": "0001-01-01T00:00:00Z", "tags": ["code"]}, {"code/review"}),
        ({"updatedAfter": "0001-01-01T00:00:00-14:00", "tags": ["code"]}, {"code/review"}),
        ({"updatedAfter": "9999-12-31T23:59:59.9999Z"}, set()),
    ],
)
async def test_filters_narrow(zoo: Searcher, where: dict[str, Any], names: set[str]) -> None:
    assert set(await zoo.names(filter=where)) == names


async def test_each_of_the_nine_facets_is_counted(zoo: Searcher) -> None:
    found = await zoo.search(fields=ALL_FACETS)
    assert [facet["field"] for facet in found["facets"]] == ALL_FACETS
    assert find(found, "TAG") == {"mail": (2, False), "money": (2, False), "code": (1, False)}
    assert find(found, "CATEGORY") == {"support": (2, False), "engineering": (1, False)}
    assert find(found, "FOLDER") == {"support": (3, False), "code": (2, False), "support/eu": (1, False)}
    assert find(found, "KIND") == {"TEXT": (4, False), "CHAT": (1, False)}
    assert find(found, "MODEL") == {"gpt-5": (1, False)}
    assert find(found, "RATING") == {"unrated": (5, False)}
    assert find(found, "VARIABLE")["customer"] == (2, False)
    (author,) = find(found, "AUTHOR")
    assert decode_id(author) is not None
    assert len(await zoo.names(filter={"authorIds": [author]})) == 5


async def test_a_facet_s_own_selection_does_not_narrow_its_counts(zoo: Searcher) -> None:
    found = await zoo.search(filter={"tags": ["mail"], "kinds": ["TEXT"]}, fields=["TAG", "CATEGORY", "KIND"])
    assert find(found, "TAG") == {"mail": (2, True), "money": (2, False), "code": (1, False)}
    assert find(found, "CATEGORY") == {"support": (2, False)}
    assert find(found, "KIND") == {"TEXT": (2, True)}


async def test_what_is_selected_stays_with_a_count_of_0_and_a_cut_is_told(zoo: Searcher) -> None:
    found = await zoo.search("greeting", filter={"tags": ["code"]}, fields=["TAG"], values=1)
    assert find(found, "TAG") == {"mail": (1, False), "code": (0, True)}
    assert found["facets"][0]["isTruncated"] is False
    cut = await zoo.search(fields=["TAG", "KIND"], values=2)
    assert [len(facet["values"]) for facet in cut["facets"]] == [2, 2]
    assert [facet["isTruncated"] for facet in cut["facets"]] == [True, False]


async def test_the_rating_facet_is_selected_by_its_lower_bound(zoo: Searcher) -> None:
    (prompt,) = (await zoo.search("greeting"))["edges"]
    await zoo.api.change("promptRate", {"promptId": prompt["node"]["id"], "score": 4})
    await zoo.settle()
    found = await zoo.search(filter={"minAverageRating": 3}, fields=["RATING"])
    assert [edge["node"]["name"] for edge in found["edges"]] == ["support/greeting"]
    bands = {"4": (1, False), "3": (1, True), "2": (1, False), "1": (1, False), "unrated": (4, False)}
    assert find(found, "RATING") == bands
    assert (await zoo.names(orderBy="RATING"))[0] == "support/greeting"


async def test_several_selections_of_facets_are_counted_at_once(zoo: Searcher) -> None:
    asked = 0

    class Counting(MemoryIndex):
        async def search(self, request: protocol.SearchRequest) -> protocol.SearchAnswer:
            nonlocal asked
            asked += 1
            assert set(request.facets) == {protocol.FacetField.TAG, protocol.FacetField.KIND}
            return await super().search(request)

    counting = Counting()
    counting.__dict__ |= zoo.api.deps.index.__dict__ if zoo.api.deps.index else {}
    api = replace(zoo.api, deps=replace(zoo.api.deps, index=counting))
    data = await api.query(
        """query Q($all: Boolean! = false, $one: Int! = 1) { promptSearch {
          few: facets(fields: [TAG], valuesPerFacet: $one) { values { value } isTruncated }
          ...Many
          left: facets(fields: [MODEL]) @include(if: $all) { field }
        } }
        fragment Many on PromptSearchConnection { many: facets(fields: [TAG, KIND, TAG]) { field values { value } } }
        """
    )
    found = data["promptSearch"]
    assert asked == 1
    assert [len(facet["values"]) for facet in found["few"]] == [1]
    assert found["few"][0]["isTruncated"] is True
    assert [(facet["field"], len(facet["values"])) for facet in found["many"]] == [("TAG", 3), ("KIND", 2)]


async def test_orders_by_field_have_no_score(zoo: Searcher) -> None:
    by_time = await zoo.search(orderBy="UPDATED_AT")
    assert by_time["edges"][0]["node"]["name"] == "code/translate"
    assert {edge["score"] for edge in by_time["edges"]} == {None}
    assert all(edge["score"] is not None for edge in (await zoo.search("refund"))["edges"])


async def test_a_score_tells_nothing_to_a_caller_who_does_not_see_everything(zoo: Searcher) -> None:
    everyone, nobody = Grant(""), Grant("support")
    scores = {edge["score"] for edge in (await zoo.search("refund", caller("ann", grants=(everyone,))))["edges"]}
    assert scores
    assert None not in scores
    narrow = (await zoo.search("refund", caller("bob", grants=(nobody,))))["edges"]
    assert len(narrow) == 2
    assert {edge["score"] for edge in narrow} == {None}


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


async def test_highlights_show_where_the_words_are(zoo: Searcher) -> None:
    (edge,) = (await zoo.search("refund cust"))["edges"]
    lit = {one["field"]: one for one in edge["highlights"]}
    assert set(lit) == {"NAME", "TITLE", "TEMPLATE"}
    assert shown(lit["NAME"]) == ["refund"]
    assert shown(lit["TEMPLATE"]) == ["cust"]
    (tagged,) = (await zoo.search("mail refund"))["edges"]
    assert [shown(one) for one in tagged["highlights"] if one["field"] == "TAGS"] == [["mail"]]
    assert all(edge["highlights"] == [] for edge in (await zoo.search("  "))["edges"])


async def test_highlights_end_when_their_time_is_over_and_the_hits_stay(zoo: Searcher) -> None:
    context = Context(zoo.api.deps, LOCAL_ACCESS, RequestLimits(highlight_seconds=0))
    query = '{ promptSearch(query: "refund") { edges { highlights { snippet } node { id } } } }'
    result = await zoo.api.schema.execute(query, context_value=context)
    assert result.errors is None
    assert result.data
    assert [edge["highlights"] for edge in result.data["promptSearch"]["edges"]] == [[], []]


async def test_ranges_are_in_code_points(searcher: Searcher) -> None:
    await searcher.api.create("astral", template={"text": "😀𝒳 é e\u0301 שלום world" + " and so on" * 40})
    await searcher.settle()
    (edge,) = (await searcher.search("world"))["edges"]
    (lit,) = edge["highlights"]
    assert shown(lit) == ["world"]
    assert len(lit["snippet"]) <= 160


def shown(highlight: dict[str, Any]) -> list[str]:
    return [highlight["snippet"][one["start"] : one["end"]] for one in highlight["matches"]]


async def test_consistent_with_waits_for_the_change(searcher: Searcher) -> None:
    for number in range(10):
        payload = await searcher.api.change(
            "promptCreate", {"name": f"new/{number}", "template": {"text": "x"}}, "prompt { id } searchToken"
        )
        found = await searcher.search(filter={"folders": ["new"]}, token=payload["searchToken"])
        assert found["totalCount"] == number + 1
        assert found["pendingChanges"] == 0
        assert found["indexedAt"] is not None
    deleted = await searcher.api.change(
        "promptDelete", {"promptId": payload["prompt"]["id"], "confirmName": "new/9"}, "searchToken"
    )
    found = await searcher.search(filter={"folders": ["new"]}, token=deleted["searchToken"])
    assert found["totalCount"] == 9


async def test_what_does_not_come_in_two_seconds_is_not_waited_for(searcher: Searcher) -> None:
    prompt = await searcher.api.create()
    deps = searcher.api.deps
    plain = decode_id(prompt["id"])
    assert plain
    token = deps.signer.sign(SEARCH_TOKEN, (plain.parts[0], 1_000))
    started = asyncio.get_running_loop().time()
    assert (await searcher.search(token=token))["totalCount"] == 1
    assert 1.9 < asyncio.get_running_loop().time() - started < 4


@pytest.mark.parametrize("token", ["", "forged", "AAAAAAAAAAAAAAAAWyJhIiwxXQ", "\ud800", "é"])
async def test_a_forged_token_is_refused(searcher: Searcher, token: str) -> None:
    assert isinstance(await searcher.refuse(token=token), InvalidSearchTokenError)


async def test_a_cursor_is_no_token_and_a_token_no_cursor(zoo: Searcher) -> None:
    cursor = (await zoo.search(first=1))["pageInfo"]["endCursor"]
    assert isinstance(await zoo.refuse(token=cursor), InvalidSearchTokenError)
    payload = await zoo.api.change("promptCreate", {"name": "t", "template": {"text": "x"}}, "searchToken")
    assert isinstance(await zoo.refuse(after=payload["searchToken"]), InvalidCursorError)


@pytest.mark.parametrize(
    "text",
    [
        "refund " * 1_500,
        "r" * 10_000,
        " " * 10_000,
        "\t\n\u3000\u200b",
        '"',
        "'\"`\\" * 50,
        "+refund -mail AND OR NOT (title:refund)^2 ~3 [a TO b] {x} * ? && || !",
        "name:* OR _exists_:text; DROP TABLE prompts --",
        'tags = "money" OR 1 = 1',
        "refund\0reply",
        "\0",
        "שלום \u202eרפונד\u202c",
        "e\u0301" * 200 + "\u0301" * 50,
        "".join(chr(code) for code in range(0x20, 0x10FFFF, 997) if not 0xD800 <= code <= 0xDFFF),
        "😀🏳️‍🌈👩‍👩‍👧‍👧",
        "退款 回复",
    ],
    ids=range(16),
)
async def test_any_text_is_answered(zoo: Searcher, text: str) -> None:
    found = await zoo.search(text, fields=ALL_FACETS)
    assert found["totalCount"] <= 5


async def test_of_a_long_text_the_first_words_are_read(zoo: Searcher) -> None:
    assert set(await zoo.names("refund " * 1_500)) == {"support/refund-reply", "support/eu/refund"}


async def test_only_spaces_and_signs_ask_for_everything(zoo: Searcher) -> None:
    assert (await zoo.search(" \t\n" * 3_000))["totalCount"] == 5
    assert (await zoo.search('"(*)"'))["totalCount"] == 5


async def test_half_a_character_is_refused(zoo: Searcher) -> None:
    assert isinstance(await zoo.refuse("refund \ud800"), InvalidInputError)
    assert isinstance(await zoo.refuse(filter={"tags": ["\udfff"]}), InvalidInputError)


INJECTIONS = [
    '"', "'", "\\", '" OR tags = "money', "money' OR '1'='1", "money) OR (tags:mail", "*", "mo*", "/.*/", "$ne", "\0",
    "money\0", "IS NULL", "EXISTS", "a TO b", "[* TO *]", "{$gt: ''}", "money ", "Money",
]  # fmt: skip


@pytest.mark.parametrize("field", ["tags", "categories", "labels", "models", "variables"])
async def test_a_filter_value_is_a_value_whatever_it_holds(zoo: Searcher, field: str) -> None:
    for value in INJECTIONS:
        assert await zoo.names(filter={field: [value]}) == [], value
    assert (await zoo.search(filter={field: INJECTIONS}, fields=ALL_FACETS))["totalCount"] == 0


@pytest.mark.parametrize("folder", ["", "/", "a//b", "..", "a/../b", "a|b", "a\0b", " a"])
async def test_what_can_be_no_folder_is_refused(zoo: Searcher, folder: str) -> None:
    error = await zoo.refuse(filter={"folders": [folder]})
    assert isinstance(error, InvalidInputError)
    assert error.path == ("filter", "folders", "0")


@pytest.mark.parametrize(
    "field", ["tags", "categories", "labels", "models", "variables", "folders", "kinds", "authorIds"]
)
async def test_too_many_filter_values_are_refused(zoo: Searcher, field: str) -> None:
    values: list[str] = [f"v{number}" for number in range(200)]
    if field == "kinds":
        values = ["TEXT"] * 200
    elif field == "authorIds":
        values = [str(encode_id("User", one)) for one in values]
    error = await zoo.refuse(filter={field: values})
    assert isinstance(error, InvalidInputError)
    assert error.path == ("filter", field)


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_a_page_of_an_impossible_size_is_refused(zoo: Searcher, first: int) -> None:
    error = await zoo.refuse(first=first)
    assert isinstance(error, InvalidInputError)
    assert error.path == ("first",)


@pytest.mark.parametrize("values", [0, -1, 101])
async def test_an_impossible_number_of_values_is_refused(zoo: Searcher, values: int) -> None:
    error = await zoo.refuse(fields=["TAG"], values=values)
    assert isinstance(error, InvalidInputError)
    assert error.path == ("valuesPerFacet",)


@pytest.mark.parametrize("average", [0, 0.99, 5.01, -1e308, 1e308])
async def test_an_average_that_no_prompt_can_have_is_refused(zoo: Searcher, average: float) -> None:
    error = await zoo.refuse(filter={"minAverageRating": average})
    assert isinstance(error, InvalidInputError)


async def test_an_id_of_something_else_is_no_author(zoo: Searcher) -> None:
    for wrong in ("x", str(encode_id("Prompt", "a"))):
        error = await zoo.refuse(filter={"authorIds": [wrong]})
        assert isinstance(error, InvalidInputError)
        assert error.path == ("filter", "authorIds", "0")


async def test_similar_finds_near_ones_and_never_itself(zoo: Searcher) -> None:
    text = {"text": "Write a friendly reply to {{customer}} about the refund of their order."}
    first = await zoo.api.create("dup/one", template=text)
    await zoo.api.create("dup/two", template={"text": text["text"] + " Be brief."})
    await zoo.settle()
    question = "query Q($id: ID!, $n: Int! = 5) { prompt(by: {id: $id}) { similar(first: $n) { name } } }"
    near = (await zoo.api.query(question, {"id": first["id"]}))["prompt"]["similar"]
    assert near[0] == {"name": "dup/two"}
    assert {"name": "dup/one"} not in near
    for count in (0, 21):
        result = await zoo.api.execute(question, {"id": first["id"], "n": count})
        assert result.data == {"prompt": {"similar": None}}
        assert result.errors
        assert isinstance(result.errors[0].original_error, InvalidInputError)


async def test_similar_of_a_whole_page_is_refused_as_too_costly(zoo: Searcher) -> None:
    for number in range(21):
        await zoo.api.create(f"many/{number}")
    await zoo.settle()
    question = "query Q($n: Int!) { prompts(first: $n) { nodes { similar(first: 1) { name } } } }"
    assert await zoo.api.query(question, {"n": 20})
    result = await zoo.api.execute(question, {"n": 21})
    assert result.data
    assert [node["similar"] for node in result.data["prompts"]["nodes"]].count(None) == 1
    assert result.errors
    assert [type(error.original_error) for error in result.errors] == [RequestTooCostlyError]


class DeadIndex(MemoryIndex):
    """An index that is down; or one that hangs."""

    def __init__(self, hangs: bool = False) -> None:
        super().__init__()
        self._hangs = hangs

    async def search(self, request: protocol.SearchRequest) -> protocol.SearchAnswer:
        await self._fail()

    async def similar(self, prompt_id: str, sight: protocol.Sight, first: int) -> tuple[protocol.Hit, ...]:
        await self._fail()

    async def revisions(self, ids: Any) -> dict[str, int]:
        await self._fail()

    async def _fail(self) -> NoReturn:
        if self._hangs:
            await asyncio.Event().wait()
        raise protocol.IndexUnavailableError


@pytest.mark.parametrize("index", [None, DeadIndex(), DeadIndex(hangs=True)], ids=["unopened", "down", "hanging"])
async def test_without_an_index_the_rest_is_answered(zoo: Searcher, index: SearchIndex | None) -> None:
    api = replace(zoo.api, deps=replace(zoo.api.deps, index=index, index_seconds=1.0))
    started = asyncio.get_running_loop().time()
    result = await api.execute(
        """{ promptSearch(query: "refund") { totalCount facets(fields: [TAG]) { field } }
             prompts { totalCount } prompt(by: {name: "code/review"}) { name similar { name } } }"""
    )
    assert asyncio.get_running_loop().time() - started < 2
    assert result.data == {
        "promptSearch": None,
        "prompts": {"totalCount": 5},
        "prompt": {"name": "code/review", "similar": None},
    }
    assert result.errors
    assert {type(error.original_error) for error in result.errors} == {IndexUnavailableError}
    assert sorted(str(error.path) for error in result.errors) == ["['prompt', 'similar']", "['promptSearch']"]


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


async def test_an_actor_who_is_gone_is_still_a_facet_value(zoo: Searcher) -> None:
    await zoo.api.deps.store.database.collection("prompts").update_many({}, {"$set": {"author": "nobody"}})
    await zoo.settle()
    assert find(await zoo.search(fields=["AUTHOR"]), "AUTHOR") == {str(encode_id("User", "nobody")): (5, False)}


async def test_a_page_costs_the_same_few_round_trips_whatever_its_size(zoo: Searcher) -> None:
    for number in range(30):
        await zoo.api.create(f"many/refund-{number}", template={"text": f"refund {number}"})
    await zoo.settle()
    assert await round_trips(zoo, 2) == await round_trips(zoo, 30) <= 3


async def round_trips(searcher: Searcher, first: int) -> int:
    """What one search with everything selected reads of the store; the worker, which is idle, reads none of that."""
    deps = searcher.api.deps
    database = deps.store.database.client[deps.store.database.collection("prompts").database.name]
    await database.command("profile", 2)
    page = await searcher.search("refund", first=first, fields=ALL_FACETS, filter={"folders": ["many"]})
    await database.command("profile", 0)
    assert len(page["edges"]) == first
    read = {f"{database.name}.{name}" for name in ("prompts", "actors", "version_archives", "ratings")}
    count = await database["system.profile"].count_documents({"ns": {"$in": list(read)}})
    await database["system.profile"].drop()
    return count


async def test_an_index_that_is_removed_while_it_is_used_is_built_again(
    schema: strawberry.Schema, deps: Deps, database_name: str, tmp_path: Path
) -> None:
    place = tmp_path / "index"
    index = await TantivyIndex.open(place, heap_bytes=15_000_000)
    async with searching(schema, deps, index, database_name) as searcher:
        await searcher.api.create("support/before")
        await searcher.settle()
        shutil.rmtree(place)
        await searcher.api.create("support/after")
        await searcher.settle()
        assert set(await searcher.names("support")) == {"support/before", "support/after"}
        assert (await index.fingerprint()) is not None
    await index.close()

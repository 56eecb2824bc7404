"""What `promptSearch` finds, counts and orders."""

from dataclasses import replace
from typing import Any

import pytest

from graph.domain.actors import Grant
from graph.schema.node import decode_id, encode_id
from search_sync.index import protocol
from search_sync.index.memory import MemoryIndex
from tests.checks.tokens import GITHUB
from tests.fixtures import caller
from tests.schema.search.searcher import ALL_FACETS, Searcher, find


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


async def test_each_of_the_ten_facets_is_counted(zoo: Searcher) -> None:
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


async def test_prompts_are_found_and_counted_by_what_content_checks_find(zoo: Searcher) -> None:
    await zoo.api.create("leak/key", template={"text": f"Key {GITHUB}"})
    await zoo.api.create("leak/both", template={"text": f"Key {GITHUB} <script>"})
    await zoo.settle()
    assert set(await zoo.names(filter={"findings": ["SECRET", "HIDDEN_CHARACTERS"]})) == {"leak/key", "leak/both"}
    assert await zoo.names(filter={"findings": ["SCRIPT"]}) == ["leak/both"]
    found = await zoo.search(filter={"findings": ["SCRIPT"]}, fields=["FINDING", "FOLDER"])
    assert find(found, "FINDING") == {"SECRET": (2, False), "SCRIPT": (1, True)}
    assert find(found, "FOLDER") == {"leak": (1, False)}


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
    assert {type(edge["score"]) for edge in (await zoo.search("refund"))["edges"]} == {float}


async def test_a_score_tells_nothing_to_a_caller_who_does_not_see_everything(zoo: Searcher) -> None:
    everyone, nobody = Grant(""), Grant("support")
    scores = {edge["score"] for edge in (await zoo.search("refund", caller("ann", grants=(everyone,))))["edges"]}
    assert scores
    assert None not in scores
    narrow = (await zoo.search("refund", caller("bob", grants=(nobody,))))["edges"]
    assert len(narrow) == 2
    assert {edge["score"] for edge in narrow} == {None}


async def test_an_actor_who_is_gone_is_still_a_facet_value(zoo: Searcher) -> None:
    await zoo.api.deps.store.database.collection("prompts").update_many({}, {"$set": {"author": "nobody"}})
    await zoo.settle()
    assert find(await zoo.search(fields=["AUTHOR"]), "AUTHOR") == {str(encode_id("User", "nobody")): (5, False)}

"""Where the words of a search are in what it found."""

from typing import Any

from graph.domain.limits import RequestLimits
from graph.operations.access import LOCAL_ACCESS
from graph.schema.context import Context
from tests.schema.search.searcher import Searcher


async def test_highlights_show_where_the_words_are(zoo: Searcher) -> None:
    (edge,) = (await zoo.search("refund cust"))["edges"]
    lit = {one["field"]: one for one in edge["highlights"]}
    assert set(lit) == {"NAME", "TITLE", "TEMPLATE"}
    assert shown(lit["NAME"]) == ["refund"]
    assert shown(lit["TEMPLATE"]) == ["cust"]
    (tagged,) = (await zoo.search("mail refund"))["edges"]
    assert [shown(one) for one in tagged["highlights"] if one["field"] == "TAGS"] == [["mail"]]
    assert {len(edge["highlights"]) for edge in (await zoo.search("  "))["edges"]} == {0}


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

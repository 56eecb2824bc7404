"""Questions as Meilisearch's search bodies. A filter holds only hexadecimal values and numbers, whatever was asked."""

from typing import Any

from search_sync.index.facets import is_narrowed, leave_open, selected_values
from search_sync.index.meilisearch_documents import MOST_HITS, NAMED, encode_value
from search_sync.index.protocol import FacetField, SearchFilter, SearchOrder, SearchRequest, Sight
from search_sync.index.relevance import exact_query
from search_sync.index.words import QueryWord, read_query

Body = dict[str, Any]

COUNTED = FacetField.KIND
"""Every document has exactly one, so its counts add up to the exact total."""


def write_filter(sight: Sight, where: SearchFilter) -> str:
    """What is seen and matches; empty when that is everything."""
    parts = [] if sight.everything else [_seen(sight)]
    if not where.include_archived:
        parts.append("is_archived = false")
    for facet in FacetField:
        if (values := selected_values(where, facet)) is not None:
            parts.append(_any_of(facet, values))
    if where.min_average is not None:
        parts.append(f"average >= {where.min_average!r}")
    if where.updated_after is not None:
        parts.append(f"updated_at > {where.updated_after}")
    return " AND ".join(parts)


def write_search(index: str, request: SearchRequest) -> list[Body]:
    """The search, and after it one that only counts for each facet with a filter of its own."""
    narrowed = [facet for facet in request.facets if is_narrowed(request.where, facet)]
    opened = {facet.value for facet in request.facets if facet not in narrowed} | {COUNTED.value}
    hits = _ask(index, request, request.where, opened)
    hits.update(_page(request), attributesToRetrieve=["key"], showRankingScore=request.order is SearchOrder.RELEVANCE)
    if request.order is not SearchOrder.RELEVANCE:
        hits["sort"] = list(dict.fromkeys((f"{request.order.value}:desc", "updated_at:desc", "key:asc")))
    return [hits, *(_ask(index, request, leave_open(request.where, facet), {facet.value}) for facet in narrowed)]


def write_named(index: str, request: SearchRequest) -> Body | None:
    """The search among what is called exactly as asked, from its start; None where that says nothing about order.

    No ranking rule of Meilisearch's tells a name from a title that is exactly the query, so these are asked for apart.
    """
    name = exact_query(request.text)
    if request.order is not SearchOrder.RELEVANCE or not request.limit or not name:
        return None
    body = _ask(index, request, request.where, set())
    named = f'{NAMED} = "{encode_value(name)}"'
    return {
        **body,
        "filter": _both(body["filter"], named),
        "limit": min(request.offset + request.limit, MOST_HITS),
        "attributesToRetrieve": ["key"],
        "showRankingScore": True,
    }


def write_missing(index: str, request: SearchRequest, facet: FacetField, values: list[str]) -> Body:
    """Counts of values that were not among the most frequent: only what has one of them is looked at."""
    body = _ask(index, request, leave_open(request.where, facet), {facet.value})
    return {**body, "filter": _both(body["filter"], _any_of(facet, tuple(values)))}


def write_words(words: tuple[QueryWord, ...]) -> str:
    """The words alone, no quotes and no minus among them; a space at the end closes the last one."""
    text = " ".join(word.text for word in words)
    return text if not words or words[-1].is_beginning else f"{text} "


def _page(request: SearchRequest) -> Body:
    """Where exact names go before the others, the page is cut out later, so all is asked for that is before it."""
    last = min(request.offset + request.limit, MOST_HITS)
    if request.limit and write_named("", request) is not None:
        return {"offset": 0, "limit": last}
    return {"offset": min(request.offset, MOST_HITS), "limit": max(0, last - request.offset)}


def _both(one: str, other: str) -> str:
    return " AND ".join(part for part in (one, other) if part)


def _ask(index: str, request: SearchRequest, where: SearchFilter, facets: set[str]) -> Body:
    return {
        "indexUid": index,
        "q": write_words(read_query(request.text)),
        "matchingStrategy": "all",
        "filter": write_filter(request.sight, where),
        "facets": sorted(facets),
        "limit": 0,
    }


def _seen(sight: Sight) -> str:
    seen = _any_of(FacetField.FOLDER, sight.folders)
    return f"({seen} OR is_public = true)" if sight.public else seen


def _any_of(facet: FacetField, values: tuple[str, ...]) -> str:
    """Of no values, one that nothing has: every value that is held begins with a "v"."""
    written = ", ".join(f'"{encode_value(value)}"' for value in values) or '"none"'
    return f"{facet.value} IN [{written}]"

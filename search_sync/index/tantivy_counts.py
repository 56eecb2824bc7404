"""Counts from one state of a Tantivy index, exact whatever the segments. It blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tantivy import Query, Searcher

from search_sync.index.facets import cut_counts, is_narrowed, leave_open, selected_values
from search_sync.index.protocol import FacetCounts, FacetField, SearchRequest
from search_sync.index.tantivy_queries import Questions, is_text

_ALL_BUCKETS = 60_000  # Tantivy gives no more than 65,000
_PAST_THE_CUT = 20

Counts = dict[FacetField, FacetCounts]


@dataclass(frozen=True, slots=True)
class TantivyCounter:
    """Counts what a request finds: in one pass, and one more for each facet that has a filter of its own."""

    searcher: Searcher
    questions: Questions

    def count(self, request: SearchRequest, found: Query, words: Sequence[Query]) -> tuple[int, Counts]:
        """How many are found, and the facets' counts."""
        if not self.searcher.num_docs:
            return 0, {facet: cut_counts({}, _selected(request, facet), 0) for facet in request.facets}
        size = request.values_per_facet + _PAST_THE_CUT
        open_facets = [facet for facet in request.facets if not is_narrowed(request.where, facet)]
        passes = {facet.value: _terms(facet, size) for facet in open_facets}
        answer = self.searcher.aggregate(found, {"total": {"value_count": {"field": "rev"}}, **passes})
        counts = {facet: self._cut(facet, found, request, _pairs(answer, facet)) for facet in open_facets}
        for facet in set(request.facets) - counts.keys():
            wider = self.questions.narrowed(request.sight, leave_open(request.where, facet), words)
            counts[facet] = self._cut(facet, wider, request, self._ask(wider, facet, _terms(facet, size)))
        return int(answer["total"]["value"]), counts

    def _cut(
        self, facet: FacetField, found: Query, request: SearchRequest, pairs: list[tuple[str, int]]
    ) -> FacetCounts:
        limit = request.values_per_facet
        if len(pairs) == limit + _PAST_THE_CUT and pairs[limit - 1][1] == pairs[-1][1]:  # a tie that goes on
            pairs = self._ask(found, facet, _terms(facet, _ALL_BUCKETS))
        selected = _selected(request, facet)
        counts = dict(pairs)
        if missing := [value for value in selected if value not in counts and is_text(value)]:
            counts.update(self._ask(found, facet, _terms(facet, len(missing), include=missing)))
        return cut_counts(counts, selected, limit)

    def _ask(self, found: Query, facet: FacetField, terms: dict[str, Any]) -> list[tuple[str, int]]:
        return _pairs(self.searcher.aggregate(found, {facet.value: terms}), facet)


def _selected(request: SearchRequest, facet: FacetField) -> tuple[str, ...]:
    return selected_values(request.where, facet) or ()


def _terms(facet: FacetField, size: int, **only: list[str]) -> dict[str, Any]:
    """Every segment gives all its values: cut there, a value that is rare in each would be counted too low."""
    return {"terms": {"field": facet.value, "size": size, "segment_size": _ALL_BUCKETS, **only}}


def _pairs(answer: dict[str, Any], facet: FacetField) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in answer[facet.value]["buckets"]]

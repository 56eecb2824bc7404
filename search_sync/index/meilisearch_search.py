"""Answers of a Meilisearch server in the protocol's terms. It blocks."""

from collections.abc import Iterator, Sequence
from typing import Any

from search_sync.index.facets import cut_counts, is_narrowed, selected_values
from search_sync.index.meilisearch_client import MeilisearchClient
from search_sync.index.meilisearch_documents import (
    MOST_FACET_VALUES,
    MOST_HITS,
    MOST_KEY_BYTES,
    decode_id,
    decode_value,
    encode_id,
    encode_value,
)
from search_sync.index.meilisearch_queries import COUNTED, write_filter, write_missing, write_named, write_search
from search_sync.index.protocol import (
    FacetCounts,
    FacetField,
    Hit,
    SearchAnswer,
    SearchFilter,
    SearchOrder,
    SearchRequest,
    Sight,
)
from search_sync.index.similarity import MOST_CANDIDATES, rank_by_nearness, top_words
from search_sync.index.words import MOST_QUERY_WORDS

_ALONE = 6
"""Words that neighbours are also looked for by alone: what shares only some is near as well."""

_NAME_BONUS = 1.0  # the server's scores are from 0 to 1

Counts = dict[str, int]


class MeilisearchReader:
    """Asks one index; one that is not there is empty."""

    def __init__(self, client: MeilisearchClient, index: str) -> None:
        self._client = client
        self._index = index

    def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex`."""
        named = write_named(self._index, request)
        bodies = [*write_search(self._index, request), *([named] if named else [])]
        answers = self._client.search(bodies) or [{"hits": [], "facetDistribution": {}}] * len(bodies)
        total = sum(_read_counts(answers[0], COUNTED).values())
        narrowed = [facet for facet in request.facets if is_narrowed(request.where, facet)]
        counts = {facet: _read_counts(answers[0], facet) for facet in request.facets if facet not in narrowed}
        counts.update(
            (facet, _read_counts(answer, facet)) for facet, answer in zip(narrowed, answers[1:], strict=False)
        )
        return SearchAnswer(
            hits=_put_first(answers[-1], answers[0], request) if named else _read_hits(answers[0], request.order),
            total=total,
            is_total_exact=True,
            reachable=min(total, MOST_HITS),
            facets=self._cut(request, counts),
        )

    def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        """See `SearchIndex`."""
        seen = write_filter(sight, SearchFilter(include_archived=True))
        itself = self._ask([""], _both(f'key = "{encode_id(prompt_id)}"', seen))
        if not itself or not first:
            return ()
        source = str(itself[0]["compared"])
        said = top_words(source, most=MOST_QUERY_WORDS)
        texts = [f"{text} " for text in (" ".join(said), *said[:_ALONE])] if said else []
        found = self._ask(texts, write_filter(sight, SearchFilter()))
        candidates = {decode_id(hit["key"]): str(hit["compared"]) for hit in found}
        candidates.pop(prompt_id, None)
        return tuple(Hit(*near) for near in rank_by_nearness(source, candidates, first))

    def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        """See `SearchIndex`."""
        keys = [encode_id(key) for key in dict.fromkeys(ids)]
        keys = [key for key in keys if 0 < len(key) <= MOST_KEY_BYTES]  # for others the whole question is refused
        held = self._client.fetch(self._index, ids=keys, fields=["key", "rev"], limit=len(keys)) if keys else []
        return {decode_id(document["key"]): int(document["rev"]) for document in held}

    def scan(self) -> Iterator[list[tuple[str, int, str]]]:
        """Pages of everything held."""
        for page in self._client.fetch_all(self._index, ("key", "rev", "digest")):
            yield [(decode_id(one["key"]), int(one["rev"]), str(one["digest"])) for one in page]

    def _ask(self, texts: Sequence[str], narrowed: str) -> list[dict[str, Any]]:
        """Hits of any of the texts: first what has all its words, then what has the first ones."""
        shared = {
            "indexUid": self._index,
            "matchingStrategy": "last",
            "attributesToRetrieve": ["key", "compared"],
            "limit": MOST_CANDIDATES,
            "filter": narrowed,
        }
        answers = self._client.search([{**shared, "q": text} for text in texts]) if texts else None
        return [hit for answer in answers or () for hit in answer["hits"]]

    def _cut(self, request: SearchRequest, counts: dict[FacetField, Counts]) -> dict[FacetField, FacetCounts]:
        selected = {facet: selected_values(request.where, facet) or () for facet in request.facets}
        for facet, missing in self._count_missing(request, counts, selected).items():
            counts[facet] |= missing
        return {facet: _tell(counts[facet], selected[facet], request.values_per_facet) for facet in request.facets}

    def _count_missing(
        self, request: SearchRequest, counts: dict[FacetField, Counts], selected: dict[FacetField, tuple[str, ...]]
    ) -> dict[FacetField, Counts]:
        missing = {
            facet: [value for value in values if encode_value(value) not in counts[facet]]
            for facet, values in selected.items()
            if len(counts[facet]) >= MOST_FACET_VALUES  # with fewer, all are there
        }
        asked = [facet for facet, values in missing.items() if values]
        bodies = [write_missing(self._index, request, facet, missing[facet]) for facet in asked]
        answers = (self._client.search(bodies) if bodies else None) or []
        return {
            facet: {
                written: count
                for written, count in _read_counts(answer, facet).items()
                if written in {encode_value(value) for value in missing[facet]}
            }
            for facet, answer in zip(asked, answers, strict=False)
        }


def _read_counts(answer: dict[str, Any], facet: FacetField) -> Counts:
    found = answer.get("facetDistribution") or {}
    return {str(written): int(count) for written, count in (found.get(facet.value) or {}).items()}


def _read_hits(answer: dict[str, Any], order: SearchOrder, bonus: float = 0.0) -> tuple[Hit, ...]:
    is_scored = order is SearchOrder.RELEVANCE
    return tuple(
        Hit(decode_id(hit["key"]), float(hit["_rankingScore"]) + bonus if is_scored else None) for hit in answer["hits"]
    )


def _put_first(named: dict[str, Any], others: dict[str, Any], request: SearchRequest) -> tuple[Hit, ...]:
    """The page, cut out of what is named so and then the others: both are known from the start to the page's end."""
    first = _read_hits(named, request.order, _NAME_BONUS)
    known = {hit.id for hit in first}
    whole = (*first, *(hit for hit in _read_hits(others, request.order) if hit.id not in known))
    return whole[request.offset : min(request.offset + request.limit, MOST_HITS)]


def _tell(counts: Counts, selected: Sequence[str], limit: int) -> FacetCounts:
    """A selected value keeps its own name, also where the index holds an abbreviation."""
    names = {encode_value(value): value for value in selected}
    told = {names.get(written) or decode_value(written): count for written, count in counts.items()}
    return cut_counts(told, selected, limit)


def _both(one: str, other: str) -> str:
    return " AND ".join(part for part in (one, other) if part)

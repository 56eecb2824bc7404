"""Answers from one state of a Tantivy index: a page of hits, the total, counts and neighbours. It blocks."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tantivy import DocAddress, Query, Searcher

from search_sync.index.protocol import (
    Hit,
    SearchAnswer,
    SearchFilter,
    SearchOrder,
    SearchRequest,
    Sight,
)
from search_sync.index.relevance import exact_query
from search_sync.index.similarity import MOST_CANDIDATES, rank_by_nearness, top_words
from search_sync.index.tantivy_counts import TantivyCounter
from search_sync.index.tantivy_order import TantivyOrder
from search_sync.index.tantivy_queries import Questions
from search_sync.index.tantivy_schema import make_term, name_field
from search_sync.index.words import read_query

MOST_TIES = 1_000
"""So many hits that tie are looked at one by one; for more, the index is asked for all it found."""

_SCAN_ADDRESSES = 50_000
_SCAN_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class TantivyReader:
    """One committed state, which stays as it is while others are committed."""

    searcher: Searcher
    questions: Questions

    def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex`."""
        query = read_query(request.text)
        words = [self.questions.matching(word) for word in query]
        found = self.questions.narrowed(request.sight, request.where, words)
        total, facets = TantivyCounter(self.searcher, self.questions).count(request, found, words)
        is_ranked = request.order is SearchOrder.RELEVANCE
        if is_ranked and query:
            scored = self.questions.scored(query, exact_query(request.text), found)
            hits = self._ranked_page(scored, found, request, total)
        else:
            hits = self._ordered_page(found, request, total, 0.0 if is_ranked else None)
        return SearchAnswer(tuple(hits), total, is_total_exact=True, reachable=total, facets=facets)

    def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        """See `SearchIndex`."""
        everything = SearchFilter(include_archived=True)
        itself = self.questions.of_ids((prompt_id,))
        sources = self._addresses(self.questions.both(itself, self.questions.narrowed(sight, everything)), 1)
        if not sources or not first:
            return ()
        source = self._compared(sources[0])
        sharing = self.questions.sharing(top_words(source, self._rarity))
        alike = self.questions.both(sharing, self.questions.narrowed(sight, SearchFilter()))
        candidates = {self._id(at): self._compared(at) for at in self._addresses(alike, first + MOST_CANDIDATES)}
        candidates.pop(prompt_id, None)
        return tuple(Hit(*near) for near in rank_by_nearness(source, candidates, first))

    def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        """See `SearchIndex`."""
        at = self._addresses(self.questions.of_ids(ids), len(ids))
        revs = self.searcher.fast_field_values("rev", at)
        return {self._id(address): int(rev or 0) for address, rev in zip(at, revs, strict=True)}

    def scan(self) -> Iterator[list[tuple[str, int, str]]]:
        """Pages of everything held."""
        for start in range(0, self.searcher.num_docs, _SCAN_ADDRESSES):
            hits = self.searcher.search(Query.all_query(), _SCAN_ADDRESSES, count=False, offset=start).hits
            for at in range(0, len(hits), _SCAN_PAGE):
                page = [address for _, address in hits[at : at + _SCAN_PAGE]]
                revs = self.searcher.fast_field_values("rev", page)
                yield [self._row(address, int(rev or 0)) for address, rev in zip(page, revs, strict=True)]

    def _row(self, address: DocAddress, rev: int) -> tuple[str, int, str]:
        document = self.searcher.doc(address)
        return str(document.get_first("id")), rev, bytes(document.get_first("digest") or b"").hex()

    def _addresses(self, query: Query, limit: int) -> list[DocAddress]:
        if limit < 1 or not self.searcher.num_docs:
            return []
        return [address for _, address in self.searcher.search(query, limit, count=False).hits]

    def _rarity(self, word: str) -> float:
        found = self.searcher.doc_freq(name_field("everything"), make_term(word))
        return math.log(1 + self.searcher.num_docs / (1 + found))

    def _id(self, address: DocAddress) -> str:
        return str(self.searcher.doc(address).get_first("id"))

    def _compared(self, address: DocAddress) -> str:
        return bytes(self.searcher.doc(address).get_first("compared") or b"").decode()

    def _ordered_page(self, found: Query, request: SearchRequest, total: int, score: float | None) -> list[Hit]:
        limit = min(request.limit, total - request.offset)
        if limit < 1:
            return []
        field = "updated_at" if request.order is SearchOrder.RELEVANCE else request.order.value
        fields = tuple(dict.fromkeys((field, "updated_at")))
        ordered = TantivyOrder(self.searcher, self.questions).page(found, fields, request.offset, limit)
        return [Hit(self._id(address), score) for address in ordered]

    def _ranked_page(self, scored: Query, found: Query, request: SearchRequest, total: int) -> list[Hit]:
        """Scores have ties, which Tantivy leaves in its own order: all that tie with a hit of the page are sorted."""
        end = min(request.offset + request.limit, total)
        if end <= request.offset:
            return []
        best = self._best(scored, end, total)
        times = self.searcher.fast_field_values("updated_at", [address for _, address in best])
        ranks = [(-float(score), -int(time or 0)) for (score, _), time in zip(best, times, strict=True)]
        order = sorted(range(len(best)), key=ranks.__getitem__)
        start, stop = _widen([ranks[at] for at in order], request.offset, end)
        around = order[start:stop]
        ids = self._ids([best[at][1] for at in around], {-ranks[at][1] for at in around}, found)
        hits = sorted((ranks[at], key) for at, key in zip(around, ids, strict=True))
        return [Hit(key, -rank[0]) for rank, key in hits[request.offset - start : end - start]]

    def _best(self, scored: Query, end: int, total: int) -> list[tuple[float, DocAddress]]:
        """The best hits up to this one and all that tie with it."""
        best: list[tuple[float, DocAddress]] = []
        for limit in (end + 1, end + MOST_TIES, total):
            best = self.searcher.search(scored, min(limit, total), count=False, weight_by_field="brevity").hits
            if len(best) == total or best[-1][0] != best[end - 1][0]:
                break
        return best

    def _ids(self, addresses: Sequence[DocAddress], times: Collection[int], found: Query) -> list[str]:
        """The ids of hits that have these times. Each alone is read from the store; for many, one search is cheaper."""
        if len(addresses) <= MOST_TIES:
            return [self._id(address) for address in addresses]
        same = self.questions.between(found, "updated_at", min(times), max(times))
        hits = self.searcher.search(same, self.searcher.num_docs, count=False, order_by_field="id").hits
        ids = {(address.segment_ord, address.doc): str(key) for key, address in hits}
        return [ids[address.segment_ord, address.doc] for address in addresses]


def _widen(ranks: Sequence[tuple[float, int]], start: int, stop: int) -> tuple[int, int]:
    """The range, with all before it and after it that have the rank of its first and of its last."""
    first, last = ranks[start], ranks[stop - 1]
    while start > 0 and ranks[start - 1] == first:
        start -= 1
    while stop < len(ranks) and ranks[stop] == last:
        stop += 1
    return start, stop

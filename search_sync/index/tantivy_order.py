"""Pages in the order of several fields, ties and all. Tantivy orders by one and leaves ties as they come. It blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tantivy import DocAddress, Order, Query, Searcher

from search_sync.index.tantivy_queries import Questions

_FEW = 50
"""Ties that are cheaper to sort here than to ask for again."""


@dataclass(frozen=True, slots=True)
class TantivyOrder:
    """Orders by one number, and asks again for those that have the same one."""

    searcher: Searcher
    questions: Questions

    def page(self, found: Query, fields: Sequence[str], offset: int, limit: int) -> list[DocAddress]:
        """By these numbers, each descending, then by id ascending. There have to be more hits than `offset`."""
        if not fields:
            by_id = self.searcher.search(found, limit, False, "id", offset, Order.Asc)
            return [address for _, address in by_id.hits]
        end = offset + limit
        hits = self.searcher.search(found, end + 1, count=False, order_by_field=fields[0]).hits  # is the last one tied?
        page: list[DocAddress] = []
        start = 0
        for number, run in groupby(hits, key=lambda hit: hit[0]):
            tied = [address for _, address in run]
            stop = start + len(tied)
            if stop > offset and start < end:
                is_whole = stop < len(hits) or len(hits) <= end
                first, last = max(0, offset - start), end - start
                if is_whole and len(tied) <= _FEW:
                    page += self._sort(tied)[first:last]
                else:
                    same = self.questions.both(found, self.questions.of_number(fields[0], number))
                    page += self.page(same, fields[1:], first, last - first)
            start = stop
        return page

    def _sort(self, tied: list[DocAddress]) -> list[DocAddress]:
        if len(tied) == 1:
            return tied
        times = self.searcher.fast_field_values("updated_at", tied)
        ids = [str(self.searcher.doc(address).get_first("id")) for address in tied]
        keys = [(-int(time or 0), key) for time, key in zip(times, ids, strict=True)]
        return [tied[at] for at in sorted(range(len(tied)), key=keys.__getitem__)]

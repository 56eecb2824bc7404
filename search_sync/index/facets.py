"""Facets: which values a document has, what a filter selects, and how counts are cut to what was asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from search_sync.index.document import SearchDocument
from search_sync.index.protocol import FacetCounts, FacetField, SearchFilter


def facet_values(document: SearchDocument) -> dict[FacetField, tuple[str, ...]]:
    """What the document is counted under; every value once."""
    return {
        FacetField.AUTHOR: _present(document.author),
        FacetField.CATEGORY: _present(document.category),
        FacetField.FINDING: _once(document.findings),
        FacetField.FOLDER: _once(document.folders),
        FacetField.KIND: (document.kind,),
        FacetField.LABEL: _once(document.labels),
        FacetField.MODEL: _present(document.model),
        FacetField.RATING: document.rating_bands,
        FacetField.TAG: _once(document.tags),
        FacetField.VARIABLE: _once(document.variables),
    }


def selected_values(where: SearchFilter, facet: FacetField) -> tuple[str, ...] | None:
    """What the filter asks of this facet; None where it leaves it open, and always for RATING (see `min_average`)."""
    return None if facet is FacetField.RATING else getattr(where, facet.value)


def is_narrowed(where: SearchFilter, facet: FacetField) -> bool:
    """Whether the facet's own filter narrows the search, so that its counts have to be taken without it."""
    return where.min_average is not None if facet is FacetField.RATING else selected_values(where, facet) is not None


def leave_open(where: SearchFilter, facet: FacetField) -> SearchFilter:
    """The filter without the facet's own part."""
    if facet is FacetField.RATING:
        return replace(where, min_average=None)
    opened: dict[str, Any] = {facet.value: None}
    return replace(where, **opened)


def cut_counts(counts: Mapping[str, int], selected: Iterable[str], limit: int) -> FacetCounts:
    """The `limit` most frequent, and those selected whatever their count, in the order of counts, then of values."""
    found = sorted(((value, count) for value, count in counts.items() if count), key=_by_count)
    shown = dict(found[:limit])
    shown.update((value, counts.get(value, 0)) for value in selected)
    return FacetCounts(tuple(sorted(shown.items(), key=_by_count)), is_truncated=len(found) > limit)


def _by_count(value: tuple[str, int]) -> tuple[int, str]:
    return -value[1], value[0]


def _present(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))

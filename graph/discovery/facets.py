"""Counts per value, with what is chosen marked."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from search_sync.index.document import RatingBand
from search_sync.index.protocol import FacetCounts, FacetField, SearchFilter


@dataclass(frozen=True, slots=True)
class FacetValue:
    """How many prompts of the answer have the value, and whether the filter names it."""

    value: str
    count: int
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet's values, most frequent first. `is_truncated` tells that there are more than were asked for."""

    field: FacetField
    values: tuple[FacetValue, ...]
    is_truncated: bool


def check_values_per_facet(count: int, limits: Limits) -> None:
    """Raises InvalidInputError for anything but 1 to the bound."""
    if not 1 <= count <= limits.facet_values:
        raise InvalidInputError(
            f"`valuesPerFacet` is {count}; it must be from 1 to {limits.facet_values}.", ("valuesPerFacet",)
        )


def read_facet(counts: Mapping[FacetField, FacetCounts], field: FacetField, where: SearchFilter, most: int) -> Facet:
    """One facet of an answer, cut at `most` values; those that are selected stay, wherever they come."""
    counted = counts[field]
    selected = selection(where, field)
    values = [FacetValue(value, count, value in selected) for value, count in counted.values]
    shown = tuple(value for place, value in enumerate(values) if place < most or value.is_selected)
    return Facet(field, shown, counted.is_truncated or len(shown) < len(values))


def selection(where: SearchFilter, field: FacetField) -> frozenset[str]:
    """The values of the facet that the filter names. Of the ratings it is the band that begins at `min_average`."""
    if field is FacetField.RATING:
        return frozenset(band.value for band in RatingBand if _begins(band, where.min_average))
    chosen: tuple[str, ...] | None = getattr(where, field.value)
    return frozenset(chosen or ())


def _begins(band: RatingBand, average: float | None) -> bool:
    return average is not None and band is not RatingBand.UNRATED and float(band) == average

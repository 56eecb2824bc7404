"""What may be asked: the text and the filter, made valid. Each rule raises InvalidInputError with its path."""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import text_fault
from graph.domain.limits import Limits
from graph.domain.names import Path, clean_folder
from search_sync.index.protocol import SearchFilter

# The filter's fields and their names in the API, where an error points at them.
FIELDS = {
    "tags": "tags",
    "authors": "authorIds",
    "categories": "categories",
    "folders": "folders",
    "findings": "findings",
    "kinds": "kinds",
    "labels": "labels",
    "models": "models",
    "variables": "variables",
}
IN_NFC = ("tags", "categories")  # the store keeps these in NFC


def clean_text(text: str, limits: Limits) -> str:
    """What is read of the text: its beginning, and never an error for what a person may type or paste.

    Half a surrogate pair is no text at all, and refused.
    """
    text = text[: limits.search_text]
    if fault := text_fault(text):
        raise InvalidInputError(f"The text {fault}.", ("query",))
    return text


def clean_search_filter(where: SearchFilter, limits: Limits) -> SearchFilter:
    """The filter with folders as names and values as they are kept, when it does not ask for too much."""
    cleaned: dict[str, Any] = {name: _clean_values(where, name, limits) for name in FIELDS}
    if where.min_average is not None and not (math.isfinite(where.min_average) and 1 <= where.min_average <= 5):
        raise InvalidInputError("An average rating is from 1 to 5.", ("filter", "minAverageRating"))
    return replace(where, **cleaned)


def _clean_values(where: SearchFilter, name: str, limits: Limits) -> tuple[str, ...] | None:
    values: tuple[str, ...] | None = getattr(where, name)
    if values is None:
        return None
    path = ("filter", FIELDS[name])
    if len(values) > limits.filter_values:
        raise InvalidInputError(
            f"A filter takes at most {limits.filter_values} values a field; these are {len(values)}.", path
        )
    clean = _cleaner(name, limits)
    return tuple(dict.fromkeys(clean(value, (*path, str(index))) for index, value in enumerate(values)))


def _cleaner(name: str, limits: Limits) -> Callable[[str, Path], str]:
    if name == "folders":
        return lambda value, path: clean_folder(value, limits, path)

    def clean(value: str, path: Path) -> str:
        if fault := text_fault(value):
            raise InvalidInputError(f"The value {fault}.", path)
        return unicodedata.normalize("NFC", value) if name in IN_NFC else value

    return clean

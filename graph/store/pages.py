"""Pages of a collection by its keys: the next rows are found by where the last page ended, never counted off."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from graph.domain.paging import Page, PageRequest, Position, page_of
from graph.store.database import Collection, Document
from graph.store.visibility import Filter, both

T = TypeVar("T")


async def read_page(
    collection: Collection,
    where: Filter,
    keys: Sequence[str],
    descending: bool,
    request: PageRequest,
    decode: Callable[[Document], T],
    projection: Document | None = None,
) -> Page[T]:
    """One page ordered by `keys`, all in one direction, the last of them unique.

    Positions in `request` hold a value for each key.
    """
    down = descending != request.backward
    bounds = [where]
    if request.after is not None:
        bounds.append(_beyond(keys, request.after, descending))
    if request.before is not None:
        bounds.append(_beyond(keys, request.before, not descending))
    cursor = (
        collection.find(both(*bounds), projection)
        .sort([(key, -1 if down else 1) for key in keys])
        .skip(request.skip)
        .limit(request.size + 1)
    )
    return page_of([decode(document) for document in await cursor.to_list()], request)


def by_time(request: PageRequest) -> PageRequest:
    """The request, its positions' first values read as milliseconds since 1970."""
    return replace(request, after=_as_time(request.after), before=_as_time(request.before))


def _as_time(position: Position | None) -> Position | None:
    if position is None:
        return None
    milliseconds, *others = position
    return (datetime.fromtimestamp(milliseconds / 1000, UTC), *others)


def _beyond(keys: Sequence[str], position: Position, down: bool) -> Filter:
    """Rows that come after the position: the first key beyond it, or equal and the next key beyond it, and so on."""
    operator = "$lt" if down else "$gt"
    roads: list[Filter] = []
    equal: dict[str, Any] = {}
    for key, value in zip(keys, position, strict=True):
        roads.append({**equal, key: {operator: value}})
        equal[key] = value
    return {"$or": roads} if len(roads) > 1 else roads[0]

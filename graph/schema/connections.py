"""Relay connections, read both ways, with cursors that are signed for their list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Self, TypeVar

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from graph.domain.paging import Page, PageRequest, Position, page_request
from graph.schema.context import Context
from graph.schema.fields import described, resolved

T = TypeVar("T")
D = TypeVar("D")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC) - EPOCH, datetime.max.replace(tzinfo=UTC) - EPOCH


@dataclass(frozen=True, slots=True)
class Window:
    """Relay's four arguments."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


class Windowed(FieldExtension):
    """Shows Relay's four arguments, after all others, and gives them to the resolver as one, its `window`."""

    def apply(self, field: StrawberryField) -> None:
        """Changes what the field shows. May be called again: a field may stand in more than one schema."""
        assert field.base_resolver
        field.arguments = [one for one in field.base_resolver.arguments if one.python_name != "window"] + WINDOW

    def map_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The resolver's own arguments, of those of the field."""
        window = Window(**{one.python_name: kwargs.pop(one.python_name, None) for one in WINDOW})
        return {**kwargs, "window": window}


WINDOW = [StrawberryArgument(one.name, None, StrawberryAnnotation(one.type), default=None) for one in fields(Window)]


def listed(resolver: Callable[..., Any]) -> Any:
    """Makes a field of a resolver that takes a `window`, described by the resolver's docstring."""
    return strawberry.field(resolver, description=described(resolver), extensions=[Windowed()])


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: what binds a cursor to it (its kind, parent, filter and order), and the request that asks."""

    context: Context
    scope: Sequence[Any]

    def request(self, window: Window) -> PageRequest:
        """The page that is asked for, paid for. Raises InvalidInputError, InvalidCursorError, RequestTooCostlyError."""
        request = page_request(
            self.context.deps.signer,
            self.context.deps.limits,
            self.scope,
            first=window.first,
            after=window.after,
            last=window.last,
            before=window.before,
        )
        self.context.budget.spend_nodes(request.size)
        return request

    def cursor(self, position: Position) -> str:
        """The cursor of a position in this list."""
        return self.context.deps.signer.sign(self.scope, position)


@strawberry.type
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None = strawberry.field(description="Null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Null on an empty page.")


@strawberry.type
class Edge(Generic[T]):
    """One object of a list, and its place there."""

    node: T
    listing: strawberry.Private[Listing]
    position: strawberry.Private[Position]

    @resolved
    def cursor(self) -> str:
        """For `after` and `before` of the same list, with the same filter and order."""
        return self.listing.cursor(self.position)


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    nodes: list[T]
    listing: strawberry.Private[Listing]
    positions: strawberry.Private[Sequence[Position]]
    page: strawberry.Private[Page[Any]]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @classmethod
    def of(
        cls,
        listing: Listing,
        page: Page[D],
        position: Callable[[D], Position],
        nodes: Sequence[T],
        count: Callable[[], Awaitable[int]],
    ) -> Self:
        """Of a page of the domain and the nodes made of it. `count` is asked only when `totalCount` is selected."""
        positions = [position(item) for item in page.items]
        return cls(nodes=list(nodes), listing=listing, positions=positions, page=page, count=count)

    @resolved
    def edges(self) -> list[Edge[T]]:
        """The same objects, each with its cursor."""
        placed = zip(self.nodes, self.positions, strict=True)
        return [Edge(node=node, listing=self.listing, position=position) for node, position in placed]

    @resolved
    def page_info(self) -> PageInfo:
        """Where this page lies in the list."""
        ends = (self.positions[0], self.positions[-1]) if self.positions else None
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=self.listing.cursor(ends[0]) if ends else None,
            end_cursor=self.listing.cursor(ends[1]) if ends else None,
        )

    @resolved
    async def total_count(self) -> int:
        """Of the whole list, on all pages."""
        return await self.count()


def milliseconds(instant: datetime) -> int:
    """The instant as whole milliseconds since the epoch: how a position holds a time."""
    # In whole numbers, so that nothing is rounded up; clamped, for an offset can leave the years of a datetime.
    return min(max(instant - EPOCH, EARLIEST), LATEST) // timedelta(milliseconds=1)

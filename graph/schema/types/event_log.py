"""The log of events as a connection that is polled."""

from collections.abc import Awaitable, Callable
from typing import Self

import strawberry
from strawberry import Private

from graph.domain.feed import EventFilter
from graph.operations.feed import LogPage, count_log, cursor_of, read_log
from graph.schema.connections import PageInfo
from graph.schema.context import Info
from graph.schema.fields import resolved
from graph.schema.lookahead import preload, selected_names
from graph.schema.types.event import PromptEvent, event_of

NAMES = {"prompt", "version"}


@strawberry.type
class PromptEventEdge:
    """A change, and its place in the log."""

    node: PromptEvent

    @resolved
    def cursor(self) -> str:
        """For `after`, here and in the subscription."""
        return self.node.cursor


@strawberry.type
class PromptEventConnection:
    """A page of the log."""

    nodes: list[PromptEvent]
    page_info: PageInfo = strawberry.field(
        description="`endCursor` is where to go on, also on an empty page. A page may be shorter than asked for, and "
        "there be a next one, when much was passed over that is not for the caller."
    )
    count: Private[Callable[[], Awaitable[int]]]

    @classmethod
    def of(cls, info: Info, page: LogPage, count: Callable[[], Awaitable[int]]) -> Self:
        """Of what the operation found."""
        nodes: list[PromptEvent] = [event_of(info.context.deps, told) for told in page.told]
        place = PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=nodes[0].cursor if nodes else None,
            end_cursor=cursor_of(info.context.deps, page.end),
        )
        return cls(nodes=nodes, page_info=place, count=count)

    @resolved
    def edges(self) -> list[PromptEventEdge]:
        """The same changes, each with its cursor."""
        return [PromptEventEdge(node=node) for node in self.nodes]

    @resolved
    async def total_count(self) -> int:
        """How many the log holds for the caller, all pages together, among its newest 100,000 records."""
        return await self.count()


async def list_events(info: Info, where: EventFilter, first: int | None, after: str | None) -> PromptEventConnection:
    """A page of the log, with what its prompts will be asked for."""
    context = info.context
    page = await read_log(context.deps, context.access, where, first, after, context.budget.spend_nodes)
    if NAMES & selected_names(info):
        ids = {told.event.prompt_id for told in page.told if told.is_in_scope}
        await preload(info, [prompt for prompt in await context.loaders.prompt.load_many(ids) if prompt])
    return PromptEventConnection.of(info, page, lambda: count_log(context.deps, context.access, where))

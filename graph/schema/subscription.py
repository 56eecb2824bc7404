"""The subscription root."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from graph.domain.actors import Scope
from graph.domain.feed import EventFilter, Place, Told
from graph.operations.deps import Deps
from graph.operations.feed import cursor_of, read_cursor
from graph.operations.streams import Message, Reset, follow
from graph.schema.context import Info
from graph.schema.permissions import subscription
from graph.schema.types.event import PromptEventFilter, StreamCheckpoint, StreamMessage, StreamReset, event_of


@strawberry.type
class Subscription:
    """What can be followed as it happens."""

    @subscription(Scope.EVENTS_READ)
    async def prompt_events(
        self, info: Info, filter: PromptEventFilter | None = None, after: str | None = None
    ) -> AsyncGenerator[StreamMessage]:
        """Every change to prompts the caller may see, in one order for all, at least once. Keep the
        last `cursor` you have acted on and give it back as `after` to carry on from there;
        leave `after` out to start from now. A StreamReset, which is always the last
        message, says that the cursor is too old: read afresh, then subscribe with the cursor that it has.
        """
        deps = info.context.deps
        where = filter.to_domain() if filter else EventFilter()
        after = info.context.resume_after or after
        start = read_cursor(deps, after) if after is not None else None
        return _tell(deps, await follow(deps, info.context.access, where, start))


async def _tell(deps: Deps, messages: AsyncGenerator[Message]) -> AsyncGenerator[StreamMessage]:
    async with aclosing(messages):
        async for message in messages:
            yield _message_of(deps, message)


def _message_of(deps: Deps, message: Message) -> StreamMessage:
    if isinstance(message, Told):
        event = event_of(deps, message)
        event.place = Place(message.event.seq or 0, event.cursor)
        return event
    cursor = cursor_of(deps, message.seq)
    if isinstance(message, Reset):
        return StreamReset(cursor=cursor, reason=message.reason)
    return StreamCheckpoint(cursor=cursor, place=Place(message.seq, cursor, is_event=False, is_live=message.is_live))

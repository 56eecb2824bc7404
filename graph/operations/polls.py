"""The log for those who ask again and again: each answer comes as soon as there is something to tell."""

import asyncio
from contextlib import aclosing, suppress

from graph.domain.actors import Access
from graph.domain.feed import EventFilter, Told
from graph.domain.rules import clean_event_filter
from graph.operations.access import recheck
from graph.operations.deps import Deps
from graph.operations.feed import LogPage, cursor_of, find_place, read_log
from graph.operations.streams import Reset, follow


async def poll_log(deps: Deps, access: Access, where: EventFilter, after: str | None, seconds: float) -> LogPage:
    """A page of what has changed after the cursor; when that is nothing, of what changes within so many seconds.

    Without a cursor it is an empty page at the log's end, at once. The caller's rights are those of the moment when it
    is told. Raises as `read_log` does.
    """
    if after is None:
        clean_event_filter(where, deps.limits)
        end = await find_place(deps, access, None)
        return LogPage((), end, has_next=False, has_previous=end > 0)
    page = await read_log(deps, access, where, deps.limits.page, after)
    if page.told or page.has_next or not seconds:
        return page
    end = await _wait(deps, access, where, page.end, seconds)
    return await read_log(deps, await recheck(deps, access), where, deps.limits.page, cursor_of(deps, end))


async def _wait(deps: Deps, access: Access, where: EventFilter, place: int, seconds: float) -> int:
    """Returns when there is something to tell or the time is over; up to the place that it returns there is nothing."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), aclosing(await follow(deps, access, where, place)) as messages:
            async for message in messages:
                if isinstance(message, Told | Reset):
                    break
                place = message.seq
    return place

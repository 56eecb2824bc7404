"""The feed: its cursors, which every reader of it shares, and the log that is polled."""

from collections.abc import Callable
from dataclasses import dataclass

from graph.domain.actors import Access, Scope
from graph.domain.errors import CursorExpiredError, HistoryLostError
from graph.domain.feed import EventFilter, ResetReason, Span, Told, tell
from graph.domain.paging import page_size
from graph.domain.rules import clean_event_filter
from graph.operations.deps import Deps
from graph.operations.rights import require

CURSOR_SCOPE = "feed"


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some events in order. `end` is the place up to which nothing is left out: the last event's or beyond it."""

    told: tuple[Told, ...]
    end: int
    has_next: bool
    has_previous: bool


def cursor_of(deps: Deps, seq: int) -> str:
    """The cursor of a place in the feed; 0 is its beginning."""
    return deps.signer.sign(CURSOR_SCOPE, (seq,))


def read_cursor(deps: Deps, text: str) -> int:
    """The place behind a cursor. Raises InvalidCursorError when it is forged or of another list."""
    (seq,) = deps.signer.read(CURSOR_SCOPE, text)
    return int(seq)


async def read_log(
    deps: Deps,
    access: Access,
    where: EventFilter,
    first: int | None,
    after: str | None,
    pay: Callable[[int], None] = lambda size: None,
) -> LogPage:
    """What the caller is told of the log after a cursor, or from its beginning; `pay` is told the size of the page.

    One page looks at `limits.log_records` records at most, whatever the caller may see of them, and then says that
    there is a next one. Raises UnauthenticatedError, ForbiddenError, InvalidInputError, InvalidCursorError,
    CursorExpiredError and HistoryLostError.
    """
    require(access, Scope.EVENTS_READ)
    where = clean_event_filter(where, deps.limits)
    size, _ = page_size(first, None, deps.limits)
    pay(size)
    span = await deps.store.feed.span()
    start = span.first - 1 if after is None else _start(deps, span, after)
    upto = min(span.last, start + deps.limits.log_records)
    events = await deps.store.log.read(access, where, start, upto, size + 1)
    # Asked afterwards: retention may have removed meanwhile what was to be read.
    if after is not None and (await deps.store.feed.span()).first > start + 1:
        raise CursorExpiredError
    told = tuple(found for event in events[:size] if (found := tell(event, access, where)))
    is_full = len(events) > size
    end = (events[size - 1].seq or upto) if is_full else upto
    return LogPage(told, end, has_next=is_full or upto < span.last, has_previous=start >= span.first)


async def find_place(deps: Deps, access: Access, after: str | None) -> int:
    """The place behind a cursor, for one who will go on from it; without a cursor, the end of the log.

    Raises UnauthenticatedError, ForbiddenError, InvalidCursorError, CursorExpiredError and HistoryLostError.
    """
    require(access, Scope.EVENTS_READ)
    span = await deps.store.feed.span()
    return span.last if after is None else _start(deps, span, after)


async def count_log(deps: Deps, access: Access, where: EventFilter) -> int:
    """How many events the caller is told of, among the newest `limits.log_counted` records."""
    span = await deps.store.feed.span()
    after = max(span.first - 1, span.last - deps.limits.log_counted)
    return await deps.store.log.count(access, clean_event_filter(where, deps.limits), after, span.last)


def lost(reason: ResetReason) -> CursorExpiredError | HistoryLostError:
    """The error that tells why nobody can go on from a cursor."""
    return CursorExpiredError() if reason is ResetReason.CURSOR_EXPIRED else HistoryLostError()


def _start(deps: Deps, span: Span, after: str) -> int:
    start = read_cursor(deps, after)
    if (reason := span.why_not_from(start)) is not None:
        raise lost(reason)
    return start

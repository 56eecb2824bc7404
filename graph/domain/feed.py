"""The feed: every change in one order, and who is told of which.

The order is a number, `seq`, gapless from 1, that each event is given after it was committed. A reader's place in the
feed is the `seq` of the last event it has acted on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.domain.actors import Access
from graph.domain.events import Event, EventKind, Sight


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Any value of a field will do (OR); the fields narrow together (AND). None leaves a field open.

    Folders, tags and labels are looked for in the prompt as it was before the change and as it is after it.
    """

    prompt_ids: tuple[str, ...] | None = None
    folders: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    kinds: tuple[EventKind, ...] | None = None

    def takes(self, event: Event) -> bool:
        """True when the event is of a kind and a prompt that are asked for, wherever the prompt is."""
        return _is_in(event.kind, self.kinds) and _is_in(event.prompt_id, self.prompt_ids)

    def matches(self, sight: Sight) -> bool:
        """True when a prompt that stands so is asked for."""
        return (
            (self.folders is None or any(sight.name.startswith(folder + "/") for folder in self.folders))
            and _overlaps(sight.tags, self.tags)
            and _overlaps(sight.labels, self.labels)
        )


@dataclass(frozen=True, slots=True)
class Told:
    """An event for one reader. `is_in_scope` is False when with it the prompt left the filter or the reader's sight."""

    event: Event
    is_in_scope: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in the feed: `seq`, and the same as a cursor.

    `is_event` is False for a message that tells of nothing but the place; `is_live` says that it is the feed's end.
    """

    seq: int
    cursor: str
    is_event: bool = True
    is_live: bool = False


class ResetReason(StrEnum):
    """EXPIRED: retention has removed what comes after the cursor. LOST: the feed is not the one it came from."""

    CURSOR_EXPIRED = "cursor_expired"
    HISTORY_LOST = "history_lost"


@dataclass(frozen=True, slots=True)
class Span:
    """What the log holds: `seq` from `first` to `last`; an empty one has a `last` before its `first`."""

    first: int = 1
    last: int = 0

    def why_not_from(self, seq: int) -> ResetReason | None:
        """Why a reader cannot go on after `seq`; None when it can."""
        if seq > self.last:
            return ResetReason.HISTORY_LOST
        return ResetReason.CURSOR_EXPIRED if seq < self.first - 1 else None


@dataclass(frozen=True, slots=True)
class FeedState:
    """`is_numbered` while a sequencer works somewhere; `unnumbered` events wait for it, counted up to a bound."""

    is_numbered: bool
    span: Span
    unnumbered: int


@dataclass(frozen=True, slots=True)
class FollowerState:
    """`is_working` while somebody follows the feed, somewhere; `waiting` events of it have not been looked at."""

    is_working: bool
    waiting: int


def tell(event: Event, access: Access, where: EventFilter) -> Told | None:
    """The event as this reader is told it; None when the prompt is none of its business before and after."""
    if not where.takes(event):
        return None
    is_in_scope = _is_seen(event.after, access, where)
    if is_in_scope or _is_seen(event.before, access, where):
        return Told(event, is_in_scope)
    return None


def _is_seen(sight: Sight | None, access: Access, where: EventFilter) -> bool:
    return sight is not None and access.may_read(sight.name, sight.visibility) and where.matches(sight)


def _is_in(value: str, wanted: Sequence[str] | None) -> bool:
    return wanted is None or value in wanted


def _overlaps(values: Sequence[str], wanted: Sequence[str] | None) -> bool:
    return wanted is None or any(value in wanted for value in values)

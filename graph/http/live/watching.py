"""What `GET /watch` tells, and how: changes by their names, as JSON or as server-sent events."""

from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any

from graph.domain.actors import Access, Origin
from graph.domain.denials import SubscriberTooSlowError
from graph.domain.feed import EventFilter, Place, Told
from graph.domain.json_values import JSONObject, compact_json
from graph.http.errors import Mask
from graph.http.live.event_stream import EventStream
from graph.http.live.operation import Message
from graph.http.live.subscriptions import Subscriptions
from graph.operations.deps import Deps
from graph.operations.feed import LogPage, cursor_of, lost
from graph.operations.streams import Checkpoint, Reset, follow
from graph.schema.node import prompt_id


@dataclass(frozen=True, slots=True)
class Watching:
    """One who watches, from the place `after` on: a subscription of which those with the same filter share one."""

    deps: Deps
    access: Access
    where: EventFilter
    after: int

    @property
    def key(self) -> Hashable:
        """Equal for those who are told the same."""
        return Watching, self.where, replace(self.access, origin=Origin())

    async def open(self) -> AsyncIterator[Told | Checkpoint]:
        """The messages of the feed. What cannot go on ends with CursorExpiredError or HistoryLostError."""
        return self._read()

    async def tell(self, value: Told | Checkpoint) -> Message:
        """As JSON. A checkpoint is only a cursor."""
        if isinstance(value, Told):
            told = describe_change(self.deps, value)
            return _encode(told, Place(value.event.seq or 0, told["cursor"]))
        cursor = cursor_of(self.deps, value.seq)
        return _encode({"cursor": cursor}, Place(value.seq, cursor, is_event=False, is_live=value.is_live))

    async def _read(self) -> AsyncGenerator[Told | Checkpoint]:
        async with aclosing(await follow(self.deps, self.access, self.where, self.after)) as messages:
            async for message in messages:
                if isinstance(message, Reset):
                    raise lost(message.reason)
                yield message


def describe_page(deps: Deps, page: LogPage) -> JSONObject:
    """An answer to a poll: the changes in order, and the cursor to ask with the next time."""
    changes = [describe_change(deps, told) for told in page.told]
    return {"cursor": cursor_of(deps, page.end), "changes": changes, "hasMore": page.has_next}


def describe_change(deps: Deps, told: Told) -> JSONObject:
    """One change. A prompt that leaves the caller's scope is named as well: by that name the caller could see it."""
    sight = told.event.after or told.event.before
    return {
        "cursor": cursor_of(deps, told.event.seq or 0),
        "name": sight.name if sight else None,
        "kind": told.event.kind.name,
        "promptId": prompt_id(told.event.prompt_id),
        "isInScope": told.is_in_scope,
    }


def frame(message: Message) -> bytes:
    """A change is a plain message, which `onmessage` of an EventSource hears; a checkpoint only moves its last id."""
    assert message.place is not None
    name = b"" if message.place.is_event else b"event: checkpoint\n"
    return name + b"id: " + message.place.cursor.encode() + b"\ndata: " + message.payload + b"\n\n"


async def tell_changes(subscriptions: Subscriptions, mask: Mask, watching: Watching, stream: EventStream) -> None:
    """Tells all changes, and at last, should there be an end, why."""
    try:
        await subscriptions.serve(watching, stream)
    except ConnectionError:
        return
    except Exception as error:  # noqa: BLE001 - the last line: logged with its id, shown masked
        told: dict[str, Any] = {"errors": [mask.failure(error)]}
        place = b""
        if isinstance(error, SubscriberTooSlowError) and error.cursor:
            place = b"id: " + error.cursor.encode() + b"\n"
        with suppress(ConnectionError):
            await stream.write(b"event: end\n" + place + b"data: " + compact_json(told).encode() + b"\n\n")


def _encode(told: JSONObject, place: Place) -> Message:
    return Message(compact_json(told).encode(), place)

"""Server-sent events as bytes: cut out of a stream as they come, and looked at no more than is needed."""

import re
from collections.abc import Iterator
from typing import Any

from graph.domain.json_values import read_loosely

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LONGEST_END = 4
_DATA = re.compile(rb"^data: ?(.*)$", re.MULTILINE)


class EventCutter:
    """Gives whole events and keeps the beginning of the next. Past `most_bytes` without an end it keeps nothing."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held = bytearray()
        self._searched = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that are whole now, each with the empty line that ends it."""
        self._held += chunk
        events = list(self._cut())
        if len(self._held) > self._most_bytes:
            events.append(self.rest())
        return events

    def rest(self) -> bytes:
        """What is left without an end, once."""
        rest, self._held, self._searched = bytes(self._held), bytearray(), 0
        return rest

    def _cut(self) -> Iterator[bytes]:
        """Each byte is searched once: an image is an event of megabytes that comes in thousands of chunks."""
        start = 0
        for match in _END.finditer(self._held, self._searched):
            yield bytes(self._held[start : match.end()])
            start = match.end()
        del self._held[:start]
        self._searched = max(0, len(self._held) - _LONGEST_END + 1)


def read_event(event: bytes) -> dict[str, Any] | None:
    """The JSON object of an event; None when its data is none."""
    lines = [line.rstrip(b"\r") for line in _DATA.findall(event)]
    try:
        data = read_loosely(b"\n".join(lines))
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def with_data(event: bytes, data: bytes) -> bytes:
    """The event with other data, in one line; its other fields and its line ends stay. It must have data."""
    found = list(_DATA.finditer(event))
    first, last = found[0], found[-1]
    end = b"\r" if last[1].endswith(b"\r") else b""
    return event[: first.start()] + b"data: " + data + end + event[last.end() :]

"""What a receiver is told: the shape of Standard Webhooks, `type`, `timestamp` and `data`. Never a prompt's text."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.domain.events import EventKind
from graph.domain.feed import Told

# Where each kind keeps the number of the version that it is about, in its `change`.
VERSIONS = {
    EventKind.VERSION_CREATED: "number",
    EventKind.LABEL_SET: "to",
    EventKind.RATED: "version",
}
LABELS = (EventKind.LABEL_SET, EventKind.LABEL_REMOVED)
TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Wording:
    """How the API writes things: the cursor of a place in the feed, and the ID of a prompt."""

    cursor: Callable[[int], str]
    prompt_id: Callable[[str], str]


def write_body(told: Told, wording: Wording) -> bytes:
    """The body for an event. Of a prompt that has left the receiver's sight, nothing is told but that it has."""
    event = told.event
    data: dict[str, Any] = {
        "cursor": wording.cursor(event.seq or 0),
        "kind": event.kind.name,
        "promptId": wording.prompt_id(event.prompt_id),
        "isInScope": told.is_in_scope,
    }
    if told.is_in_scope and event.after is not None:
        data["name"] = event.after.name
        if event.kind in VERSIONS:
            data["version"] = event.change.get(VERSIONS[event.kind])
        if event.kind in LABELS:
            data["label"] = event.change.get("label")
            data["previousVersion"] = event.change.get("from")
    return _write(f"prompt.{event.kind.value}", event.at, data)


def write_test_body(at: datetime) -> bytes:
    """The body of a trial, which is about nothing."""
    return _write(TEST, at, {})


def _write(kind: str, at: datetime, data: dict[str, Any]) -> bytes:
    timestamp = at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    told = {"type": kind, "timestamp": timestamp, "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

"""What the worker tells of itself: to its own process as it is, to others by `sync_state`, a moment later."""

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo.errors import PyMongoError

from search_sync.index.protocol import IndexRemovedError, IndexUnavailableError

_REASON_CHARACTERS = 200


class State(StrEnum):
    """STANDBY: another worker holds the lease. WAITING: MongoDB or the index does not answer, or not yet with all."""

    STOPPED = "stopped"
    STANDBY = "standby"
    BUILDING = "building"
    FOLLOWING = "following"
    WAITING = "waiting"


class Fate(StrEnum):
    """What can become of a change, a document or a worker; each is counted."""

    CHANGES = "changes_read"
    INDEXED = "documents_indexed"
    REMOVED = "documents_removed"
    REFUSED = "documents_refused"
    WRITES = "index_writes"
    WRITES_FAILED = "index_writes_failed"
    STREAMS_REOPENED = "streams_reopened"
    HISTORIES_LOST = "histories_lost"
    REBUILDS = "rebuilds"
    LEASES_WON = "leases_won"
    LEASES_LOST = "leases_lost"
    FAILURES = "failures"


@dataclass(slots=True)
class Status:
    """`pending` counts prompts that have changed, or are to be copied, and are not in the index yet.

    `counts_all` is false while more may have changed: the stream is not caught up with, or is being opened again.

    `reason` says what it is waiting for; `lag_ms` is the age of the oldest change that waits; `built` of `to_build`
    prompts are in a new index.
    """

    state: State = State.STOPPED
    holder: str | None = None
    pending: int = 0
    counts_all: bool = field(default=False, kw_only=True)
    lag_ms: int = 0
    indexed_at: datetime | None = None
    dead_letters: int = 0
    built: int = 0
    to_build: int = 0
    reason: str | None = None
    counters: Counter[str] = field(default_factory=Counter)

    def count(self, fate: Fate, by: int = 1) -> None:
        """One more of it."""
        self.counters[fate.value] += by

    def to_document(self) -> dict[str, Any]:
        """As it lies in `sync_state`."""
        return {**asdict(self), "state": self.state.value, "counters": dict(self.counters)}


def name_cause(error: BaseException) -> str:
    """What has to be waited for, as it is told behind "waiting for": whose fault it is, and which."""
    if isinstance(error, IndexUnavailableError | IndexRemovedError):
        return f"the index: {error}"[:_REASON_CHARACTERS]
    whose = "MongoDB" if isinstance(error, PyMongoError | TimeoutError) else "the worker"
    return f"{whose}: {type(error).__name__}: {error}"[:_REASON_CHARACTERS]


def status_from_document(document: dict[str, Any]) -> Status:
    """The inverse of `to_document`. What a worker of another release says beyond that is passed over."""
    known = {one.name: document[one.name] for one in fields(Status) if one.name in document}
    state = document.get("state", State.STOPPED.value)
    known["state"] = State(state) if state in {one.value for one in State} else State.WAITING
    return Status(**{**known, "counters": Counter(document.get("counters", {}))})

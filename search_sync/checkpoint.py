"""How far the index has come: everything up to the token is in it, durably.

It is kept twice: in MongoDB, and in the index itself, as its mark, written first. Both have the same number then, or
the index is one ahead when the worker was killed in between. An index that is further behind was put back from a
backup, or is a copy that another host went on without: it goes on from where it says itself that it is.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from bson import json_util
from bson.errors import BSONError
from bson.timestamp import Timestamp

_READING = json_util.JSONOptions(tz_aware=True)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where to go on from. It holds for an index of this fingerprint only.

    `indexed_at` is the time of the newest change taken in; None when there was none yet. `lineage` names the build
    that all began with, `number` grows with each mark that the index was given since.
    """

    token: dict[str, Any]
    fingerprint: str
    cluster_time: Timestamp | None
    indexed_at: datetime | None
    lineage: str = ""
    number: int = 0

    def to_document(self) -> dict[str, Any]:
        """As it lies in `sync_state`."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def to_mark(self) -> str:
        """As it lies in the index."""
        return json_util.dumps(self.to_document())


def checkpoint_from_document(document: dict[str, Any] | None) -> Checkpoint | None:
    """The inverse of `to_document`; None of None. What another release keeps there beyond that is passed over."""
    if not document:
        return None
    return Checkpoint(**{one.name: document[one.name] for one in fields(Checkpoint) if one.name in document})


def checkpoint_from_mark(mark: str | None) -> Checkpoint | None:
    """The inverse of `to_mark`; None of what cannot be read."""
    try:
        return checkpoint_from_document(json_util.loads(mark, json_options=_READING)) if mark else None
    except (ValueError, TypeError, AttributeError, BSONError):
        return None


def choose_checkpoint(told: Checkpoint | None, held: Checkpoint | None, fingerprint: str) -> Checkpoint | None:
    """Where to go on from, of what MongoDB tells and the index holds; None when it has to be built anew.

    An index that is further ahead than one mark knows of changes that MongoDB does not: that one was put back.
    """
    if told is None or held is None or {told.fingerprint, held.fingerprint} != {fingerprint}:
        return None
    if told.lineage != held.lineage or held.number > told.number + 1:
        return None
    where = held if held.number < told.number else told
    return replace(where, number=max(told.number, held.number))

"""How far the index has come: everything up to the token is in it, durably."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from bson.timestamp import Timestamp


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where to go on from. It holds for an index of this fingerprint only.

    `indexed_at` is the time of the newest change taken in; None when there was none yet.
    """

    token: dict[str, Any]
    fingerprint: str
    cluster_time: Timestamp | None
    indexed_at: datetime | None

    def to_document(self) -> dict[str, Any]:
        """As it lies in `sync_state`."""
        return {
            "token": self.token,
            "fingerprint": self.fingerprint,
            "cluster_time": self.cluster_time,
            "indexed_at": self.indexed_at,
        }


def checkpoint_from_document(document: dict[str, Any] | None) -> Checkpoint | None:
    """The inverse of `to_document`; None of None. What another release keeps there beyond that is passed over."""
    if not document:
        return None
    return Checkpoint(**{one.name: document[one.name] for one in fields(Checkpoint) if one.name in document})

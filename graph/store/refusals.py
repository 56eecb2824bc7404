"""Refused attempts, counted in memory and written in batches: whoever knocks a thousand times makes one record."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from graph.domain.audit import AuditKind, Record
from graph.domain.events import Signature
from graph.store.audit import AuditStore
from graph.store.flushing import flushing

OTHERS = "others"


@dataclass(slots=True)
class _Tally:
    record_id: str
    first: Signature
    last_at: datetime
    count: int = 1


class RefusalStore:
    """One record for each caller, operation and code in each round; beyond `most` of them, one for all others.

    What is said of the others holds no name and no address, so that memory and log stay bounded whoever knocks.
    """

    def __init__(self, audit: AuditStore, most: int) -> None:
        self._audit = audit
        self._most = most
        self._tallies: dict[tuple[str | None, ...], _Tally] = {}
        self._pending: list[Record] = []

    def note(self, signature: Signature, operation: str, code: str, make_id: Callable[[], str]) -> None:
        """One more of these."""
        key = (signature.key_id, signature.actor_id, signature.address, operation, code)
        if key not in self._tallies and len(self._tallies) >= self._most:
            signature, key = Signature(None, None, signature.at), (None, None, None, OTHERS, code)
        if tally := self._tallies.get(key):
            tally.count += 1
            tally.last_at = signature.at
        else:
            self._tallies[key] = _Tally(make_id(), signature, signature.at)

    async def flush(self) -> None:
        """Writes what was counted; what was cut off is written again, under the same ids."""
        if not self._pending:
            tallies, self._tallies = self._tallies, {}
            self._pending = [_to_record(key, tally) for key, tally in tallies.items()]
        if self._pending:
            await self._audit.append_many(self._pending)
            self._pending = []

    def flushing(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Flushes every so many seconds, and once more at the end."""
        return flushing(self.flush, seconds, "refused attempts")


def _to_record(key: tuple[str | None, ...], tally: _Tally) -> Record:
    *_, operation, code = key
    detail = {"operation": operation, "code": code, "count": tally.count, "since": tally.first.at.isoformat()}
    return Record(tally.record_id, AuditKind.REFUSED, replace(tally.first, at=tally.last_at), detail)

"""Reads that are never older than what this process has read before, whichever server answers them.

What the majority holds is told by each server as far as it knows. One that was elected a moment ago may know less than
the one before it told us, and would leave out the last events of a span that we already have: a gap that nobody sees.
So a reader of the feed names the time of what it has read, and the server waits until it knows as much.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bson.timestamp import Timestamp
from pymongo.asynchronous.client_session import AsyncClientSession

from graph.store.database import Database


class Causality:
    """One for all who read what hangs together. `seen` is the newest cluster time that any of them has read."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self.seen: Timestamp | None = None

    def note(self, time: Timestamp | None) -> None:
        """Something of this cluster time has been read."""
        if time is not None and (self.seen is None or time > self.seen):
            self.seen = time

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncClientSession]:
        """A session for one read, which comes after all that were noted and is noted itself."""
        async with self._client.start_session(causal_consistency=True) as session:
            if self.seen is not None:
                session.advance_operation_time(self.seen)
            yield session
            self.note(session.operation_time)

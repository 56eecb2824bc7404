"""What has changed and is not in the index yet: ids, each once, however often it has changed.

The stream is read into it and it is emptied in rounds. A round takes everything there is, with the token up to which
the stream had been read by then, so that when the round is done, all up to its token is. It is bounded: while it is
full, the stream is not read.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.timestamp import Timestamp

from search_sync.change_stream import Change
from search_sync.pace import Pace


@dataclass(frozen=True, slots=True)
class Round:
    """Ids to look at again, and whether each starts afresh; done, the index has everything up to `token`.

    `cluster_time` and `newest` are of the last change read, `oldest` of the first; `complete_at` is the moment, by
    `time.monotonic`, before which no change can have been missed.
    """

    ids: Mapping[str, bool]
    token: dict[str, Any]
    cluster_time: Timestamp | None
    oldest: datetime | None
    newest: datetime | None
    complete_at: float


class Pending:
    """Changes on their way from the stream to the index."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._ids: dict[str, bool] = {}
        self._token: dict[str, Any] | None = None
        self._cluster_time: Timestamp | None = None
        self._oldest: datetime | None = None
        self._newest: datetime | None = None
        self._complete_at = 0.0
        self._some = asyncio.Event()
        self._taken = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another id."""
        return not self._room.is_set()

    @property
    def oldest(self) -> datetime | None:
        """When the change that waits longest was made."""
        return self._oldest

    def begin(self, token: dict[str, Any]) -> None:
        """Where the stream starts."""
        self._token = token

    def add(self, change: Change, token: dict[str, Any]) -> None:
        """A change that the stream has told, and the token behind it."""
        self._put(change.id, change.starts_afresh)
        self._token = token
        self._cluster_time = change.cluster_time
        self._oldest = self._oldest or change.wall_time
        self._newest = change.wall_time

    def add_ids(self, ids: Iterable[str]) -> None:
        """Prompts to be written once more, whatever the index holds of them."""
        for one in ids:
            self._put(one, True)

    def note_idle(self, token: dict[str, Any], asked_at: float) -> None:
        """The stream had nothing more when it was asked at `asked_at`."""
        self._token = token
        self._complete_at = asked_at

    async def wait_for_room(self) -> None:
        """Returns when there is room for another id."""
        await self._room.wait()

    async def wait_until_taken(self, seconds: float) -> None:
        """Returns when a round was taken, after so many seconds at most."""
        self._taken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._taken.wait()

    async def take(self, seconds: float, pace: Pace | None = None) -> Round:
        """Everything there is, as soon as there is something and it is its time; nothing, after so many seconds."""
        if not self._ids and seconds > 0:
            with suppress(TimeoutError):  # an empty round moves the token, too
                async with asyncio.timeout(seconds):
                    await self._some.wait()
        if self._ids and pace is not None:
            await pace.gather()
        return self._drain()

    def _put(self, one: str, starts_afresh: bool) -> None:
        self._ids[one] = self._ids.get(one, False) or starts_afresh
        self._some.set()
        if len(self._ids) >= self._most:
            self._room.clear()

    def _drain(self) -> Round:
        assert self._token is not None, "the stream has been opened"
        taken = Round(self._ids, self._token, self._cluster_time, self._oldest, self._newest, self._complete_at)
        self._ids, self._oldest, self._newest = {}, None, None
        self._some.clear()
        self._taken.set()
        self._room.set()
        return taken

"""Whether everything that has changed has been told by the stream, so that what waits can be counted."""

import time
from collections.abc import Callable
from datetime import datetime

_NEW_SECONDS = 2.0  # a change no older than this, when it is told, has no long queue behind it
_GRACE_SECONDS = 1.0  # beyond the time that the server was asked to wait


class StreamWatch:
    """What is known of the stream, from when it last answered. `patience` is how long it may take, in seconds."""

    def __init__(self, patience: float, clock: Callable[[], datetime]) -> None:
        self._patience = patience + _GRACE_SECONDS
        self._clock = clock
        self._heard_at = 0.0
        self._caught_up_at: int | None = None

    def note_change(self, wall_time: datetime, reopened: int) -> None:
        """It has told a change; it has been opened again so many times."""
        is_new = (self._clock() - wall_time).total_seconds() < _NEW_SECONDS
        self._heard_at, self._caught_up_at = time.monotonic(), reopened if is_new else None

    def note_idle(self, reopened: int) -> None:
        """It had nothing more to tell."""
        self._heard_at, self._caught_up_at = time.monotonic(), reopened

    def note_stall(self) -> None:
        """It is not read, as there is no room: what it holds back is not counted."""
        self._caught_up_at = None

    def is_caught_up(self, reopened: int) -> bool:
        """Whether it has told all, but for what is on its way right now."""
        return self._caught_up_at == reopened and time.monotonic() - self._heard_at < self._patience

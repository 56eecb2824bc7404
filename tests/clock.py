"""A clock that stands still while this machine does: where others use it too, nothing may run for a second or more."""

import threading
import time

_TICK = 0.02
_LATE = 0.03  # a thread of ours that computes holds up another for less


class _Witness(threading.Thread):
    """Wakes up all the time, and notes when it was not woken."""

    def __init__(self) -> None:
        super().__init__(name="clock", daemon=True)
        self.ticked_at = time.monotonic()
        self.lost = 0.0

    def run(self) -> None:
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            self.lost, self.ticked_at = self.lost + self.find_lost(now), now

    def find_lost(self, now: float) -> float:
        """Seconds since the last tick in which it should have ticked again."""
        late = now - self.ticked_at - _TICK
        return late if late > _LATE else 0.0


_witness = _Witness()
_witness.start()


def awake_seconds() -> float:
    """As `time.monotonic`, without the time for which this process was held up."""
    now = time.monotonic()
    return now - _witness.lost - _witness.find_lost(now)

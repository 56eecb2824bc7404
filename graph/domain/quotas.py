"""How much a caller may ask in a while: the arithmetic of a token bucket, without a clock of its own.

A bucket is one number, the moment at which it is full again. Asking for a unit moves that moment one unit's time
into the future; what would move it further than the window is refused. A bucket that nobody has asked of for a
window is full, so it can be forgotten.
"""

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quota:
    """`size` units in `window` seconds: a full bucket holds `size`, and refills evenly within the window."""

    name: str
    size: int
    window: float

    @property
    def unit_seconds(self) -> float:
        """How long one unit takes to come back."""
        return self.window / self.size

    def take(self, full_at: float | None, now: float, units: int) -> "Taking":
        """Takes units, or gives them back when they are negative. More than the bucket holds are all it holds."""
        from_ = max(full_at or now, now)
        wanted = from_ + min(units, self.size) * self.unit_seconds
        if units > 0 and wanted - now > self.window + 1e-6:
            return Taking(from_ - now, wanted - now - self.window)
        return Taking(max(wanted - now, 0.0))

    def remaining(self, taking: "Taking") -> int:
        """The whole units that are left."""
        return max(0, math.floor((self.window - taking.full_in) / self.unit_seconds + 1e-6))


@dataclass(frozen=True, slots=True)
class Taking:
    """What came of asking: the bucket is full again in `full_in` seconds; refused, it needs `wait` more."""

    full_in: float
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands. `cost` is what this request has been charged, in units."""

    quota: Quota
    remaining: int
    reset_at: datetime
    cost: int

"""Ratings and what they sum up to."""

import math
from dataclasses import dataclass
from datetime import datetime

SCORES = (1, 2, 3, 4, 5)
Z_95 = 1.959963984540054  # the 97.5 % point of the normal distribution: 95 % two-sided


@dataclass(frozen=True, slots=True)
class Rating:
    """One actor's opinion of a prompt, 1 to 5; rating again replaces it."""

    prompt_id: str
    rater_id: str
    version: int
    score: int
    comment: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """How often each score from 1 to 5 was given. All other figures follow from that."""

    histogram: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def count(self) -> int:
        """How many ratings there are."""
        return sum(self.histogram)

    @property
    def sum(self) -> int:
        """The scores added up."""
        return sum(score * count for score, count in zip(SCORES, self.histogram, strict=True))

    @property
    def average(self) -> float | None:
        """The mean score, 1 to 5; None without ratings."""
        return self.sum / self.count if self.count else None

    @property
    def wilson(self) -> float:
        """The Wilson lower bound at 95 % of (mean - 1) / 4, 0 to 1; 0 without ratings."""
        return wilson_lower_bound((self.sum / self.count - 1) / 4, self.count) if self.count else 0.0

    def plus(self, score: int, by: int = 1) -> "RatingSummary":
        """With `by` more ratings of `score`; a negative `by` takes them away."""
        counts = list(self.histogram)
        counts[score - 1] += by
        return RatingSummary((counts[0], counts[1], counts[2], counts[3], counts[4]))


def wilson_lower_bound(share: float, count: int) -> float:
    """The lower end of the Wilson score interval at 95 % for a share (0 to 1) seen in `count` trials."""
    z2 = Z_95 * Z_95
    centre = share + z2 / (2 * count)
    spread = Z_95 * math.sqrt(max(0.0, share * (1 - share) + z2 / (4 * count)) / count)
    return max(0.0, (centre - spread) / (1 + z2 / count))

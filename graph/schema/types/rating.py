"""What ratings sum up to."""

from typing import Self

import strawberry

from graph.domain import ratings as domain


@strawberry.type
class RatingBucket:
    """How often one score was given."""

    score: int
    count: int


@strawberry.type
class RatingSummary:
    """What the ratings sum up to."""

    average: float | None = strawberry.field(description="Null when there are no ratings.")
    count: int
    histogram: list[RatingBucket] = strawberry.field(description="Always five buckets, from 1 to 5.")

    @classmethod
    def of(cls, summary: domain.RatingSummary) -> Self:
        """Of the domain's summary."""
        buckets = zip(domain.SCORES, summary.histogram, strict=True)
        return cls(
            average=summary.average,
            count=summary.count,
            histogram=[RatingBucket(score=score, count=count) for score, count in buckets],
        )

"""Runs of a prompt on a model: what they used, how they ended, and what people think of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from graph.domain.outages import UpstreamError
from graph.domain.prompts import VersionRef


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    TIMED_OUT = "timed_out"
    FAILED = "failed"

    @classmethod
    def of(cls, error: UpstreamError) -> "Outcome":
        """The outcome of a run that ended in this error."""
        known = {429: cls.RATE_LIMITED, 408: cls.TIMED_OUT, 504: cls.TIMED_OUT}
        return known.get(error.status, cls.FAILED if error.status >= 500 else cls.REFUSED)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the provider counted."""

    input: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run took. Times are whole milliseconds; the first token's is told for streams only."""

    at: datetime
    milliseconds: int
    first_token_milliseconds: int | None = None
    tokens: Tokens = Tokens()


@dataclass(frozen=True, slots=True)
class Run:
    """One call of a model with a version."""

    ref: VersionRef
    outcome: Outcome
    figures: Figures


class UsageStep(StrEnum):
    """How long a time one bucket of usage covers. Days are UTC's."""

    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """The time from one bucket to the next."""
        return timedelta(hours=1) if self is UsageStep.HOUR else timedelta(days=1)

    def start(self, at: datetime) -> datetime:
        """The beginning of the bucket that a time in UTC lies in."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        return hour if self is UsageStep.HOUR else hour.replace(hour=0)


@dataclass(frozen=True, slots=True)
class UsageBucket:
    """What a version was used for in the time from `start` on. Sums; averages are over the runs that they are of."""

    start: datetime
    renderings: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    tokens: Tokens = Tokens()
    milliseconds: int = 0
    first_tokens: int = 0
    first_token_milliseconds: int = 0

    @property
    def runs(self) -> int:
        """All runs, however they ended."""
        return sum(self.outcomes.values())

    def plus(self, other: "UsageBucket") -> "UsageBucket":
        """Both together, from this one's start."""
        outcomes = {
            outcome: self.outcomes.get(outcome, 0) + other.outcomes.get(outcome, 0)
            for outcome in {*self.outcomes, *other.outcomes}
        }
        return UsageBucket(
            start=self.start,
            renderings=self.renderings + other.renderings,
            outcomes=outcomes,
            tokens=Tokens(self.tokens.input + other.tokens.input, self.tokens.output + other.tokens.output),
            milliseconds=self.milliseconds + other.milliseconds,
            first_tokens=self.first_tokens + other.first_tokens,
            first_token_milliseconds=self.first_token_milliseconds + other.first_token_milliseconds,
        )


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when, the end not included, and in what steps usage is told. Times are in UTC."""

    start: datetime
    end: datetime
    step: UsageStep


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thinks of the answer that a rendering led to: 0 is bad and 1 is good."""

    render_id: str
    ref: VersionRef
    score: float
    comment: str | None
    actor_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """Of one version."""

    count: int = 0
    total: float = 0.0

    @property
    def average(self) -> float | None:
        """From 0 to 1; None when there is none."""
        return self.total / self.count if self.count else None

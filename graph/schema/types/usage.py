"""What versions were used for, and what people think of them and of the answers."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import Private

from graph.domain import prompts as prompt_domain
from graph.domain import ratings
from graph.domain import runs as domain
from graph.domain.runs import Outcome, UsageStep
from graph.operations.usage import usage_window
from graph.schema.context import Info
from graph.schema.fields import resolved
from graph.schema.types.rating import RatingSummary


@strawberry.type
class OutcomeCount:
    """How many runs ended so."""

    outcome: Outcome = strawberry.field(description="How they ended.")
    count: int


@strawberry.type
class UsageBucket:
    """What a version was used for in an hour or a day, at most a minute behind."""

    starts_at: datetime = strawberry.field(description="The hour, or the day in UTC, that is told of.")
    renderings: int = strawberry.field(description="Strict renderings, those that runs began with among them.")
    runs: int = strawberry.field(description="Calls of a model, however they ended.")
    outcomes: list[OutcomeCount] = strawberry.field(description="Those that occurred.")
    input_tokens: float = strawberry.field(description="As the provider counted. Whole; sums may outgrow an Int.")
    output_tokens: float = strawberry.field(description="As the provider counted. Whole; sums may outgrow an Int.")
    average_milliseconds: float | None = strawberry.field(description="From call to end; null without runs.")
    average_first_token_milliseconds: float | None = strawberry.field(
        description="From call to first token, of streams; null without any."
    )

    @classmethod
    def of(cls, bucket: domain.UsageBucket) -> Self:
        """Of the domain's bucket."""
        outcomes = [OutcomeCount(outcome=one, count=bucket.outcomes[one]) for one in Outcome if one in bucket.outcomes]
        return cls(
            starts_at=bucket.start,
            renderings=bucket.renderings,
            runs=bucket.runs,
            outcomes=outcomes,
            input_tokens=bucket.tokens.input,
            output_tokens=bucket.tokens.output,
            average_milliseconds=bucket.milliseconds / bucket.runs if bucket.runs else None,
            average_first_token_milliseconds=bucket.first_token_milliseconds / bucket.first_tokens
            if bucket.first_tokens
            else None,
        )


@strawberry.type
class FeedbackSummary:
    """What people think of the answers that a version led to."""

    count: int
    average: float | None = strawberry.field(description="From 0, bad, to 1, good; null when there is none.")

    @classmethod
    def of(cls, summary: domain.FeedbackSummary) -> Self:
        """Of the domain's summary."""
        return cls(count=summary.count, average=summary.average)


@strawberry.type
class VersionFigures:
    """The part of `PromptVersion` that tells of its use, and what people think of it."""

    held: Private[prompt_domain.PromptVersion]

    @resolved
    async def usage(
        self,
        info: Info,
        from_: Annotated[
            datetime | None,
            strawberry.argument(name="from", description="A day before `to` by hours, thirty by days, when left out."),
        ] = None,
        to: Annotated[datetime | None, strawberry.argument(description="Not included; now, when left out.")] = None,
        by: UsageStep = UsageStep.DAY,
    ) -> list[UsageBucket]:
        """Renderings and runs, oldest first; hours or days without any are left out."""
        window = usage_window(info.context.deps, from_, to, by)
        found = await info.context.loaders.usage.load((self.held.ref, window))
        return [UsageBucket.of(bucket) for bucket in found or ()]

    @resolved
    async def feedback_summary(self, info: Info) -> FeedbackSummary:
        """Of the feedback on this version's renderings."""
        found = await info.context.loaders.feedback.load(self.held.ref)
        return FeedbackSummary.of(found or domain.FeedbackSummary())

    @resolved
    async def rating_summary(self, info: Info) -> RatingSummary:
        """Of the ratings of this version."""
        found = await info.context.loaders.version_summary.load(self.held.ref)
        return RatingSummary.of(found or ratings.RatingSummary())

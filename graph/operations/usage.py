"""What versions were used for, told in hours or days."""

from collections.abc import Sequence
from datetime import UTC, datetime

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import VersionRef
from graph.domain.runs import UsageBucket, UsageStep, Window
from graph.operations.deps import Deps

DEFAULT_STEPS = {UsageStep.HOUR: 24, UsageStep.DAY: 30}


def usage_window(deps: Deps, start: datetime | None, end: datetime | None, step: UsageStep) -> Window:
    """The window that is asked for: until now, and the last day by hours or the last thirty by days, when left out.

    Raises InvalidInputError for one that ends before it begins or has too many steps.
    """
    end = (end or deps.clock()).astimezone(UTC)
    try:
        start = (start or end - DEFAULT_STEPS[step] * step.length).astimezone(UTC)
    except OverflowError:
        raise InvalidInputError("`from` must be given for so early a `to`.", ("from",)) from None
    if end <= start:
        raise InvalidInputError("`to` must be later than `from`.", ("to",))
    if (end - start) / step.length > deps.limits.usage_buckets:
        raise InvalidInputError(f"At most {deps.limits.usage_buckets:,} buckets are told at once.", ("from",))
    return Window(step.start(start), end, step)


async def get_usage(
    deps: Deps, asked: Sequence[tuple[VersionRef, Window]]
) -> dict[tuple[VersionRef, Window], tuple[UsageBucket, ...]]:
    """The buckets of each version and window, oldest first; times without any use are left out.

    It does not look at rights: a caller who holds a prompt may know how its versions are used. Get the prompt first.
    """
    refs: dict[Window, list[VersionRef]] = {}
    for ref, window in asked:
        refs.setdefault(window, []).append(ref)
    told: dict[tuple[VersionRef, Window], tuple[UsageBucket, ...]] = {}
    for window, wanted in refs.items():
        hours = await deps.store.renders.usage(wanted, window)
        told |= {(ref, window): _in_steps(hours.get(ref, ()), window.step) for ref in wanted}
    return told


def _in_steps(hours: Sequence[UsageBucket], step: UsageStep) -> tuple[UsageBucket, ...]:
    steps: dict[datetime, UsageBucket] = {}
    for hour in hours:
        start = step.start(hour.start)
        steps[start] = steps.get(start, UsageBucket(start)).plus(hour)
    return tuple(steps.values())

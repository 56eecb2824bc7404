"""A prompt as the domain has it, for what is written of one over a wire."""

from collections.abc import Mapping
from datetime import UTC, datetime

from graph.domain.prompts import Label, Prompt, Visibility
from graph.domain.ratings import RatingSummary

NOW = datetime(2026, 1, 30, 12, tzinfo=UTC)


def make_prompt(name: str = "support/greet", latest: int = 1, labels: Mapping[str, int] | None = None) -> Prompt:
    """A prompt with labels by the version that they point at."""
    return Prompt(
        id="p",
        name=name,
        title="Greet",
        description=None,
        category=None,
        tags=(),
        metadata={},
        visibility=Visibility.PRIVATE,
        labels={label: Label(label, number, NOW, None) for label, number in (labels or {}).items()},
        latest=latest,
        latest_digest="",
        rating=RatingSummary(),
        usage_count=0,
        author_id=None,
        forked_from=None,
        created_at=NOW,
        updated_at=NOW,
        archived_at=None,
        revision=1,
    )

"""What a prompt, a version and a rating hold themselves: plain values, copied once, so that reading is cheap."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry import Private

from graph.domain import prompts as domain
from graph.domain import ratings as rating_domain
from graph.domain.prompts import Visibility
from graph.schema.node import Node, encode_id, prompt_id, version_id
from graph.schema.scalars import JSONObject


@strawberry.type
class PromptFacts(Node):
    """The plain part of `Prompt`; `held` is the domain's object, for the resolvers."""

    held: Private[domain.Prompt]
    name: str = strawberry.field(
        description="Unique, and the handle every client uses; free again only after a delete. Slashes make folders:\n"
        "`support/refund-reply`. 1 to 255 characters in NFC: anything printable but `|`; no empty, `.` or `..` "
        "segment, no space at either end of a segment."
    )
    title: str = strawberry.field(description="For people; the last segment of the name when none was given.")
    description: str | None
    category: str | None
    tags: list[str]
    metadata: JSONObject
    visibility: Visibility
    revision: int = strawberry.field(
        description="Grows by one with every change to the prompt, its versions, labels or ratings."
    )
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = strawberry.field(
        description="Null while the prompt is live. An archived prompt is read and rendered, not changed."
    )
    usage_count: int = strawberry.field(description="Recorded renderings of all versions, at most a minute behind.")

    @classmethod
    def of(cls, prompt: domain.Prompt) -> Self:
        """Of the domain's prompt."""
        return cls(
            held=prompt,
            id=prompt_id(prompt.id),
            name=prompt.name,
            title=prompt.title,
            description=prompt.description,
            category=prompt.category,
            tags=list(prompt.tags),
            metadata=JSONObject(prompt.metadata),
            visibility=prompt.visibility,
            revision=prompt.revision,
            created_at=prompt.created_at,
            updated_at=prompt.updated_at,
            archived_at=prompt.archived_at,
            usage_count=prompt.usage_count,
        )


@strawberry.type
class VersionFacts(Node):
    """The plain part of `PromptVersion`; `owner` is its prompt where that is known already."""

    held: Private[domain.PromptVersion]
    owner: Private[domain.Prompt | None]
    number: int = strawberry.field(description="1-based and gapless within its prompt.")
    change_note: str | None = strawberry.field(description="Why this version was made.")
    digest: str = strawberry.field(description="SHA-256 of the canonical content; equal digests mean equal versions.")
    created_at: datetime

    @classmethod
    def of(cls, version: domain.PromptVersion, prompt: domain.Prompt | None = None) -> Self:
        """Of the domain's version; its prompt is loaded when it is not given."""
        return cls(
            held=version,
            owner=prompt,
            id=version_id(version.ref),
            number=version.number,
            change_note=version.change_note,
            digest=version.digest,
            created_at=version.created_at,
        )


@strawberry.type
class RatingFacts(Node):
    """The plain part of `Rating`; `owner` is its prompt where that is known already."""

    held: Private[rating_domain.Rating]
    owner: Private[domain.Prompt | None]
    score: int
    comment: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, rating: rating_domain.Rating, prompt: domain.Prompt | None = None) -> Self:
        """Of the domain's rating; its prompt is loaded when it is not given."""
        return cls(
            held=rating,
            owner=prompt,
            id=encode_id("Rating", rating.prompt_id, rating.rater_id),
            score=rating.score,
            comment=rating.comment,
            created_at=rating.created_at,
            updated_at=rating.updated_at,
        )

"""What a search is asked by: its filter, its orders, and the fields that counts are given for."""

from datetime import datetime
from enum import StrEnum

import strawberry

from graph.discovery.highlights import HighlightField
from graph.domain.findings import FindingKind
from graph.schema.connections import milliseconds
from graph.schema.types.enums import publish
from graph.schema.types.finding import kind_values
from graph.schema.types.selectors import author_ids_of
from search_sync.index import protocol
from search_sync.index.protocol import FacetField

publish(HighlightField, "Where the words of a query are shown.")
publish(
    FacetField,
    "What prompts are counted by.",
    FINDING="What content checks found in the latest version, by kind.",
    FOLDER="A folder counts all below it.",
    RATING="Bands of the average: 4 and up, 3 and up, 2 and up, 1 and up, unrated.",
)


@strawberry.enum(description="A text, or a chat of messages.")
class TemplateKind(StrEnum):
    """As the index writes it."""

    TEXT = "text"
    CHAT = "chat"


class PromptSearchOrder(StrEnum):
    """The index's orders, under the name that they have in the API."""

    RELEVANCE = protocol.SearchOrder.RELEVANCE.value
    RATING = protocol.SearchOrder.RATING.value
    UPDATED_AT = protocol.SearchOrder.UPDATED_AT.value
    USAGE = protocol.SearchOrder.USAGE.value

    def to_domain(self) -> protocol.SearchOrder:
        """As the index knows it."""
        return protocol.SearchOrder(self.value)


publish(
    PromptSearchOrder,
    "What is found first; ties are broken by the newest change, then by ID.",
    RATING="Lower bound of the Wilson interval, so that one five-star vote does not win.",
)


@strawberry.input
class PromptSearchFilter:
    """Any value of a field will do (OR); different fields narrow together (AND)."""

    tags: list[str] | None = strawberry.field(
        default=None, description="Any of these (OR); different fields narrow together (AND)."
    )
    author_ids: list[strawberry.ID] | None = None
    categories: list[str] | None = None
    folders: list[str] | None = strawberry.field(default=None, description="A folder and all below it.")
    kinds: list[TemplateKind] | None = strawberry.field(default=None, description="Of the latest version.")
    labels: list[str] | None = None
    models: list[str] | None = strawberry.field(default=None, description="That the latest version was written for.")
    variables: list[str] | None = None
    findings: list[FindingKind] | None = strawberry.field(
        default=None, description="That content checks found in the latest version."
    )
    min_average_rating: float | None = strawberry.field(
        default=None, description="1 to 5; leaves out what nobody has rated."
    )
    updated_after: datetime | None = strawberry.field(default=None, description="Not at this instant, but after it.")
    include_archived: bool = False

    def to_domain(self) -> protocol.SearchFilter:
        """In the words of the index. Raises InvalidInputError for an id that is no actor's."""
        return protocol.SearchFilter(
            tags=_tuple(self.tags),
            authors=author_ids_of(self.author_ids),
            categories=_tuple(self.categories),
            findings=kind_values(self.findings),
            folders=_tuple(self.folders),
            kinds=None if self.kinds is None else tuple(kind.value for kind in self.kinds),
            labels=_tuple(self.labels),
            models=_tuple(self.models),
            variables=_tuple(self.variables),
            min_average=self.min_average_rating,
            updated_after=milliseconds(self.updated_after) if self.updated_after else None,
            include_archived=self.include_archived,
        )


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)

"""What a search answers: hits, counts and highlights."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import Private

from graph.discovery import facets as counted
from graph.discovery import highlights as lit
from graph.discovery.highlights import HighlightField
from graph.discovery.search import SearchPage
from graph.domain.findings import FindingKind
from graph.schema.connections import PageInfo
from graph.schema.context import Info
from graph.schema.fields import resolved
from graph.schema.node import encode_id
from graph.schema.types.actor import actor_of
from graph.schema.types.prompt import Prompt
from graph.schema.types.search_inputs import TemplateKind
from search_sync.freshness import Freshness
from search_sync.index.protocol import FacetField

ValuesPerFacet = Annotated[int, strawberry.argument(description="1 to 100.")]


@strawberry.type
class TextRange:
    """Half-open, in Unicode code points."""

    start: int = strawberry.field(description="Of the first code point of the match, from 0.")
    end: int = strawberry.field(description="Of the code point after the match.")


@strawberry.type
class Highlight:
    """A piece of a prompt's text with words of the query in it."""

    field: HighlightField
    snippet: str = strawberry.field(description="Plain text: escape it before showing it.")
    matches: list[TextRange] = strawberry.field(description="In order, without overlap.")

    @classmethod
    def of(cls, found: lit.Highlight) -> Self:
        """Of what was found in the prompt's texts."""
        matches = [TextRange(start=start, end=end) for start, end in found.matches]
        return cls(field=found.field, snippet=found.snippet, matches=matches)


@strawberry.type
class FacetValue:
    """How many prompts have one value."""

    value: str = strawberry.field(description="As the filter takes it; of AUTHOR the actor's ID.")
    count: int
    is_selected: bool = strawberry.field(description="The filter names it; of RATING, it asks for just this average.")


@strawberry.type
class Facet:
    """The values of one field, most frequent first."""

    field: FacetField
    values: list[FacetValue] = strawberry.field(description="What is selected is there also with a count of 0.")
    is_truncated: bool = strawberry.field(description="There are more values than were asked for.")

    @classmethod
    def of(cls, facet: counted.Facet, names: Mapping[str, str]) -> Self:
        """Of the counts; `names` has those values that the API writes in another way than the index."""
        values = [
            FacetValue(value=names.get(one.value, one.value), count=one.count, is_selected=one.is_selected)
            for one in facet.values
        ]
        return cls(field=facet.field, values=values, is_truncated=facet.is_truncated)


@strawberry.type
class PromptSearchEdge:
    """A prompt that was found, and its place in the answer."""

    node: Prompt
    cursor: str = strawberry.field(description="For `after` of the same search, with the same filter and order.")
    score: float | None = strawberry.field(
        description="Comparable only within one result; null when the order is not RELEVANCE, and for a caller who "
        "may not read every prompt: it is reckoned from all of them, so it would tell of those that are hidden."
    )
    highlights: list[Highlight] = strawberry.field(
        description="Where the words of the query lie, in the prompt as the store holds it. Of long texts, the "
        "beginning is read; what cannot be looked through in a moment has none."
    )


@strawberry.type
class PromptSearchConnection:
    """A page of what was found. A prompt that was removed or hidden a moment ago is left out of the page."""

    page: Private[SearchPage]
    freshness: Private[Freshness]
    edges: list[PromptSearchEdge] = strawberry.field(description="Each prompt with its place and its highlights.")
    page_info: PageInfo = strawberry.field(
        description="Where this page lies, as far as the index can be paged through."
    )
    total_count: int = strawberry.field(description="Of all pages.")
    is_total_count_exact: bool = strawberry.field(description="False when the index estimated the count.")

    @classmethod
    def of(cls, page: SearchPage, edges: list[PromptSearchEdge], freshness: Freshness) -> Self:
        """Of the index's page and those of its hits that the store holds."""
        ends = (page.found[0].cursor, page.found[-1].cursor) if page.found else (None, None)
        return cls(
            page=page,
            freshness=freshness,
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=page.has_previous,
                start_cursor=ends[0],
                end_cursor=ends[1],
            ),
            total_count=page.total,
            is_total_count_exact=page.is_total_exact,
        )

    @resolved
    def nodes(self) -> list[Prompt]:
        """The prompts alone."""
        return [edge.node for edge in self.edges]

    @resolved
    async def facets(self, info: Info, fields: list[FacetField], values_per_facet: ValuesPerFacet = 20) -> list[Facet]:
        """Counts per value. A facet's own selection never narrows its own counts, so a
        reader can widen the choice (disjunctive faceting).
        """
        where = self.page.question.where
        read = [counted.read_facet(self.page.counts, one, where, values_per_facet) for one in dict.fromkeys(fields)]
        return [Facet.of(facet, await _names(info, facet)) for facet in read]

    @resolved
    def indexed_at(self) -> datetime | None:
        """The newest store change the index has taken in; null before the first sync."""
        return self.freshness.indexed_at

    @resolved
    def pending_changes(self) -> int | None:
        """Prompts changed in the store and not yet in the index; 0 when the answer is current. Null when the
        server cannot tell.
        """
        return self.freshness.pending_changes


async def _names(info: Info, facet: counted.Facet) -> Mapping[str, str]:
    """How the API writes values that the index writes in another way."""
    if facet.field is FacetField.KIND:
        return {kind.value: kind.name for kind in TemplateKind}
    if facet.field is FacetField.FINDING:
        return {kind.value: kind.name for kind in FindingKind}
    if facet.field is not FacetField.AUTHOR:
        return {}
    ids = [one.value for one in facet.values]
    actors = await info.context.loaders.actor.load_many(ids)
    return {
        # An author whose account is gone is still somebody to filter by.
        actor_id: actor_of(actor).id if actor else encode_id("User", actor_id)
        for actor_id, actor in zip(ids, actors, strict=True)
    }

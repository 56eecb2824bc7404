"""A search as it is asked, and the page that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graph.discovery.cursors import SearchCursors
from graph.discovery.facets import check_values_per_facet
from graph.discovery.filters import clean_search_filter, clean_text
from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.paging import CursorSigner, page_size
from search_sync.index.protocol import (
    FacetCounts,
    FacetField,
    Hit,
    SearchAnswer,
    SearchFilter,
    SearchOrder,
    SearchRequest,
    Sight,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `text` as a person types it, a page of `first` hits behind the cursor `after`, counts."""

    text: str = ""
    where: SearchFilter = field(default_factory=SearchFilter)
    order: SearchOrder = SearchOrder.RELEVANCE
    first: int = 20
    after: str | None = None
    facets: tuple[FacetField, ...] = ()
    values_per_facet: int = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A hit and its cursor."""

    hit: Hit
    cursor: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The index's answer. `question` is the cleaned one; totals and counts are of all pages."""

    question: Question
    found: tuple[Found, ...]
    total: int
    is_total_exact: bool
    has_next: bool
    has_previous: bool
    counts: Mapping[FacetField, FacetCounts]


@dataclass(frozen=True, slots=True)
class Search:
    """A question with the sight of its asker: what the index is asked, and how its answer is read."""

    question: Question
    request: SearchRequest
    cursors: SearchCursors

    def read(self, answer: SearchAnswer) -> SearchPage:
        """The page. There is a next one as far as the index can be paged through, and no farther."""
        start = self.request.offset
        found = tuple(
            Found(self._without_secrets(hit), self.cursors.write(start + place))
            for place, hit in enumerate(answer.hits)
        )
        return SearchPage(
            question=self.question,
            found=found,
            total=answer.total,
            is_total_exact=answer.is_total_exact,
            has_next=self._has_next(answer),
            has_previous=start > 0,
            counts=answer.facets,
        )

    def _without_secrets(self, hit: Hit) -> Hit:
        """How rare a word is counts in scores, and it is counted in all prompts: a score tells of hidden ones too."""
        return hit if self.request.sight.everything else replace(hit, score=None)

    def _has_next(self, answer: SearchAnswer) -> bool:
        end = self.request.offset + len(answer.hits)
        if not answer.hits or end >= answer.reachable:
            return False
        return end < answer.total if answer.is_total_exact else len(answer.hits) == self.request.limit


def make_search(question: Question, access: Access, signer: CursorSigner, limits: Limits) -> Search:
    """Cleans what is asked. Raises InvalidInputError and InvalidCursorError."""
    first, _ = page_size(question.first, None, limits)
    check_values_per_facet(question.values_per_facet, limits)
    question = replace(
        question, text=clean_text(question.text, limits), where=clean_search_filter(question.where, limits), first=first
    )
    sight = sight_of_access(access)
    cursors = SearchCursors.of(signer, question.text, question.where, question.order, sight)
    request = SearchRequest(
        sight=sight,
        text=question.text,
        where=question.where,
        order=question.order,
        offset=cursors.read(question.after),
        limit=question.first,
        facets=question.facets,
        values_per_facet=question.values_per_facet,
    )
    return Search(question, request, cursors)


def check_similar(first: int, limits: Limits) -> None:
    """Raises InvalidInputError for anything but 1 to the bound."""
    if not 1 <= first <= limits.similar:
        raise InvalidInputError(f"`first` is {first}; it must be from 1 to {limits.similar}.", ("first",))


def sight_of_access(access: Access) -> Sight:
    """The rule of sight as the index filters. `Access.may_read` in the domain is the same rule for one prompt."""
    if not access.has(Scope.PROMPTS_READ):
        return Sight(public=access.reads_public)
    if any(not grant.folder for grant in access.grants):
        return Sight(everything=True)
    folders = tuple(sorted({grant.folder for grant in access.grants}))
    return Sight(folders=folders, public=access.reads_public)

"""What every index promises. The contract suite in `tests/contracts` holds each implementation to it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from search_sync.index.document import SearchDocument


class IndexUnavailableError(Exception):
    """The index does not answer. Nothing is known to be written; trying again later is right."""


class IndexDamagedError(Exception):
    """A file of the index is not as it was written. Waiting does not help; building the index anew does."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} of the search index is not as it was written: `promptgraph reindex` builds it anew.")


class IndexRemovedError(Exception):
    """What was held is gone, so there is an empty index now. To write again is no help, only a rebuild is."""

    def __init__(self) -> None:
        super().__init__("The search index was removed or replaced while it was in use.")


class FacetField(StrEnum):
    """What counts are given for. The values are the filter's field names."""

    AUTHOR = "authors"
    CATEGORY = "categories"
    FINDING = "findings"
    FOLDER = "folders"
    KIND = "kinds"
    LABEL = "labels"
    MODEL = "models"
    RATING = "rating_bands"
    TAG = "tags"
    VARIABLE = "variables"


class SearchOrder(StrEnum):
    """RELEVANCE is by score; the others are descending by field. Of ties the newest comes first, then the lesser id."""

    RELEVANCE = "relevance"
    RATING = "wilson"
    UPDATED_AT = "updated_at"
    USAGE = "usage"


@dataclass(frozen=True, slots=True)
class Sight:
    """Which prompts the asker may see: everything, or those in these folders, and the public ones if so said.

    It is part of every search, so that no hit, count, total or neighbour can leak.
    """

    everything: bool = False
    folders: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Any value of a field will do (OR), the fields narrow together (AND); None leaves one open, () matches nothing.

    `folders` take all below them. `min_average` leaves out the unrated. `updated_after` is in milliseconds, exclusive.
    """

    authors: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    findings: tuple[str, ...] | None = None
    folders: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    variables: tuple[str, ...] | None = None
    min_average: float | None = None
    updated_after: int | None = None
    include_archived: bool = False


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search. `text` is what a person typed: its words must all be found, the last one may be a beginning.

    `facets` are counted disjunctively: a facet's own selection never narrows its own counts. RATING has no selection
    but `min_average`.
    """

    sight: Sight
    text: str = ""
    where: SearchFilter = field(default_factory=SearchFilter)
    order: SearchOrder = SearchOrder.RELEVANCE
    offset: int = 0
    limit: int = 20
    facets: tuple[FacetField, ...] = ()
    values_per_facet: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One prompt found. `score` is comparable within one answer; None when the order is not RELEVANCE."""

    id: str
    score: float | None


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Values and counts, most frequent first, then by value. Selected values are there also with a count of 0.

    `is_truncated` tells that there are more values than were asked for.
    """

    values: tuple[tuple[str, int], ...]
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A page of hits. `total` is exact where `is_total_exact` says so.

    `reachable` is how many hits can be paged through: an index that stops before `total` says so here.
    """

    hits: tuple[Hit, ...]
    total: int
    is_total_exact: bool
    reachable: int
    facets: Mapping[FacetField, FacetCounts]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written at once: documents whole, and the ids of those that are gone, which win.

    The documents named in `afresh` go in whatever revision is held, and are never missing meanwhile.
    """

    documents: Sequence[SearchDocument] = ()
    gone: Sequence[str] = ()
    afresh: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tenure:
    """Somebody's right to write, as long as `check` raises nothing. A later one has a higher `fence`.

    `check` may be called in any thread.
    """

    fence: int = 0
    check: Callable[[], None] = lambda: None


UNFENCED = Tenure()
"""Of who is alone with an index."""

Refused = Mapping[str, str]
"""Ids of documents that the index did not take, with the reason; their neighbours went in."""


class IndexWriter(Protocol):
    """Something that documents can be written to."""

    async def write(self, batch: Batch) -> Refused:
        """Returns when the batch is durable and found by searches. Raises IndexUnavailableError.

        A document whose `rev` is lower than that of the one held changes nothing, unless it starts afresh; an equal
        one replaces it.
        """


class Rebuild(IndexWriter, Protocol):
    """A new index beside the one that serves."""

    async def finish(self, fingerprint: str, mark: str | None = None) -> None:
        """Puts the new one in the other's place, at once and durably, with its mark: searches never fail meanwhile."""

    async def abandon(self) -> None:
        """Removes the new one; the other goes on serving."""


class SearchIndex(IndexWriter, Protocol):
    """An index of prompts. Every call but `close` may raise IndexUnavailableError, within two seconds for reads."""

    @property
    def layout(self) -> str:
        """Names how documents lie in it and how it is set up: what was built with another layout is built anew."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes can have it open as well: else its worker is the only one that it has."""

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """The hits, the total and the counts, of one moment."""

    async def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        """Prompts whose content is near this one's, nearest first, without itself and without archived ones.

        Empty when the prompt is not in the index or is not seen.
        """

    async def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        """The `rev` that is held of each of these; what is not held is left out."""

    def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        """Id, `rev` and digest of everything held, in no order."""

    async def fingerprint(self) -> str | None:
        """What `Rebuild.finish` was last given: the projection and settings that it was built with; None before."""

    async def mark(self) -> str | None:
        """What was last given to `keep_mark`, or to `Rebuild.finish`, of the index that serves.

        It lies with the documents, so that a copy of them, put back later, says of what moment it is.
        """

    async def keep_mark(self, mark: str) -> None:
        """Everything that was written before this is in the index; kept for the next process, durably if may be."""

    async def rebuild(self, tenure: Tenure = UNFENCED) -> Rebuild:
        """Starts a new index beside this one; what an earlier, unfinished one left is removed.

        An index that others can write to as well holds `tenure` against them until the new one is in its place.
        """

    async def close(self) -> None:
        """Lets go of files and connections."""

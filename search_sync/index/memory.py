"""The meaning of the protocol in the plainest code: everything in one dictionary, every search looks at all of it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from search_sync.index import relevance
from search_sync.index.document import RefusedDocumentError, SearchDocument
from search_sync.index.facets import cut_counts, facet_values, leave_open, selected_values
from search_sync.index.protocol import (
    UNFENCED,
    Batch,
    FacetCounts,
    FacetField,
    Hit,
    Rebuild,
    Refused,
    SearchAnswer,
    SearchFilter,
    SearchOrder,
    SearchRequest,
    Sight,
    Tenure,
)
from search_sync.index.similarity import compared_text, rank_by_nearness
from search_sync.index.words import Nearness, QueryWord, read_query


@dataclass(frozen=True, slots=True)
class _Held:
    """A document with what searches ask of it."""

    document: SearchDocument
    digest: str
    values: dict[FacetField, tuple[str, ...]]
    words: dict[str, Counter[str]]

    @classmethod
    def of(cls, document: SearchDocument) -> "_Held":
        """Raises RefusedDocumentError."""
        words = {field: Counter(found) for field, found in relevance.searched_words(document).items()}
        return cls(document, document.seal(), facet_values(document), words)


_Documents = dict[str, _Held]


class MemoryIndex:
    """An index that is gone with the process."""

    layout = "memory"
    """Never read from a disk, so there is only one."""

    is_shared = False

    def __init__(self) -> None:
        self._documents: _Documents = {}
        self._fingerprint: str | None = None
        self._mark: str | None = None

    async def write(self, batch: Batch) -> Refused:
        """See `IndexWriter`."""
        return _write(self._documents, batch)

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex`."""
        query = read_query(request.text)
        worded = [held for held in self._documents.values() if all(_find(word, held) for word in query)]
        seen = [held for held in worded if _is_seen(held.document, request.sight)]
        found = [held for held in seen if _is_wanted(held, request.where)]
        scores = self._score(found, query, request)
        found.sort(key=lambda held: _sort_key(held.document, request.order, scores))
        page = found[request.offset : request.offset + request.limit]
        return SearchAnswer(
            hits=tuple(Hit(held.document.id, scores.get(held.document.id)) for held in page),
            total=len(found),
            is_total_exact=True,
            reachable=len(found),
            facets={facet: _count(facet, seen, request) for facet in request.facets},
        )

    async def similar(self, prompt_id: str, sight: Sight, first: int) -> tuple[Hit, ...]:
        """See `SearchIndex`."""
        source = self._documents.get(prompt_id)
        if source is None or not _is_seen(source.document, sight):
            return ()
        candidates = {
            key: compared_text(held.document)
            for key, held in self._documents.items()
            if key != prompt_id and not held.document.is_archived and _is_seen(held.document, sight)
        }
        return tuple(Hit(*near) for near in rank_by_nearness(compared_text(source.document), candidates, first))

    async def revisions(self, ids: Sequence[str]) -> dict[str, int]:
        """See `SearchIndex`."""
        return {key: self._documents[key].document.rev for key in ids if key in self._documents}

    async def scan(self) -> AsyncIterator[tuple[str, int, str]]:
        """See `SearchIndex`."""
        for key, held in list(self._documents.items()):
            yield key, held.document.rev, held.digest

    async def fingerprint(self) -> str | None:
        """See `SearchIndex`."""
        return self._fingerprint

    async def mark(self) -> str | None:
        """See `SearchIndex`."""
        return self._mark

    async def keep_mark(self, mark: str) -> None:
        """See `SearchIndex`."""
        self._mark = mark

    async def rebuild(self, tenure: Tenure = UNFENCED) -> Rebuild:
        """See `SearchIndex`."""
        return _MemoryRebuild(self._replace)

    async def close(self) -> None:
        """Nothing is open."""

    def _replace(self, documents: _Documents, fingerprint: str, mark: str | None) -> None:
        self._documents, self._fingerprint, self._mark = documents, fingerprint, mark

    def _score(self, found: list[_Held], query: tuple[QueryWord, ...], request: SearchRequest) -> dict[str, float]:
        if request.order is not SearchOrder.RELEVANCE:
            return {}
        score = _Score(query, relevance.exact_query(request.text))
        return {held.document.id: score.of(held) for held in found}


class _MemoryRebuild:
    def __init__(self, replace: Callable[[_Documents, str, str | None], None]) -> None:
        self._documents: _Documents = {}
        self._replace = replace

    async def write(self, batch: Batch) -> Refused:
        return _write(self._documents, batch)

    async def finish(self, fingerprint: str, mark: str | None = None) -> None:
        self._replace(self._documents, fingerprint, mark)

    async def abandon(self) -> None:
        self._documents = {}


class _Score:
    """What `relevance` describes."""

    def __init__(self, query: tuple[QueryWord, ...], exact: str) -> None:
        self._query = query
        self._exact = exact

    def of(self, held: _Held) -> float:
        score = 0.0 + sum(
            weight * _gain(word, held.words[field])
            for word in self._query
            for field, weight in relevance.WEIGHTS.items()
        )
        if self._exact and self._exact in relevance.exact_names(held.document):
            score += relevance.NAME_BONUS
        if self._exact and self._exact == relevance.exact_query(held.document.title):
            score += relevance.TITLE_BONUS
        return score * relevance.brevity(held.document)


def _gain(word: QueryWord, words: Counter[str]) -> float:
    nearness = max((match for found in words if (match := word.match(found))), default=None)
    if nearness is None:
        return 0.0
    gain = relevance.TYPO_SHARE
    if nearness >= Nearness.PREFIX:
        gain += relevance.PREFIX_SHARE
    return gain + 1.0 if nearness is Nearness.EXACT else gain


def _write(documents: _Documents, batch: Batch) -> Refused:
    refused: dict[str, str] = {}
    for document in batch.documents:
        before = documents.get(document.id)
        if before is None or before.document.rev <= document.rev or document.id in batch.afresh:
            try:
                documents[document.id] = _Held.of(document)
            except RefusedDocumentError as error:
                refused[document.id] = str(error)
    for key in batch.gone:
        documents.pop(key, None)
    return refused


def _find(word: QueryWord, held: _Held) -> bool:
    return any(word.match(found) for found in held.words["everything"])


def _is_seen(document: SearchDocument, sight: Sight) -> bool:
    if sight.everything or (sight.public and document.is_public):
        return True
    return any(folder in document.folders for folder in sight.folders)


def _is_wanted(held: _Held, where: SearchFilter) -> bool:
    document = held.document
    if document.is_archived and not where.include_archived:
        return False
    if where.min_average is not None and (document.average is None or document.average < where.min_average):
        return False
    if where.updated_after is not None and document.updated_at <= where.updated_after:
        return False
    return all(_has_any(held.values[facet], selected_values(where, facet)) for facet in FacetField)


def _has_any(values: tuple[str, ...], wanted: Iterable[str] | None) -> bool:
    return wanted is None or any(value in values for value in wanted)


def _count(facet: FacetField, seen: list[_Held], request: SearchRequest) -> FacetCounts:
    where = leave_open(request.where, facet)
    counts = Counter(value for held in seen if _is_wanted(held, where) for value in held.values[facet])
    return cut_counts(counts, selected_values(request.where, facet) or (), request.values_per_facet)


def _sort_key(document: SearchDocument, order: SearchOrder, scores: dict[str, float]) -> tuple[float, int, str]:
    first = scores[document.id] if order is SearchOrder.RELEVANCE else getattr(document, order.value)
    return -first, -document.updated_at, document.id

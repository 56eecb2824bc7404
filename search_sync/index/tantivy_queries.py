"""Questions as Tantivy's query objects. None is ever parsed from text, so that no text can be a query."""

from collections.abc import Iterable, Sequence

from tantivy import FieldType, Occur, Query, Schema

from search_sync.index.facets import selected_values
from search_sync.index.protocol import FacetField, SearchFilter, Sight
from search_sync.index.relevance import NAME_BONUS, PREFIX_SHARE, TITLE_BONUS, TYPO_SHARE, WEIGHTS
from search_sync.index.tantivy_schema import make_term, name_field
from search_sync.index.typos import MOST_TYPOS_IN_BEGINNING, allowed_typos
from search_sync.index.words import QueryWord


class Questions:
    """Builds queries over one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def of_ids(self, ids: Iterable[str]) -> Query:
        """The documents with these ids."""
        return self._any_of("id", ids)

    def narrowed(self, sight: Sight, where: SearchFilter, words: Sequence[Query] = ()) -> Query:
        """What is seen, matches the filter and all of these; nothing of it gives a score but these."""
        clauses = [(Occur.Must, Query.const_score_query(part, 0.0)) for part in self._limits(sight, where)]
        clauses += [(Occur.Must, word) for word in words]
        if not where.include_archived:
            clauses.append((Occur.MustNot, Query.term_query(self._schema, "is_archived", True, "basic")))
        return Query.boolean_query(clauses or [(Occur.Must, Query.const_score_query(Query.all_query(), 0.0))])

    def of_number(self, field: str, number: float) -> Query:
        """The documents with exactly this number."""
        kind = FieldType.Float if isinstance(number, float) else FieldType.Integer
        return Query.range_query(self._schema, field, kind, lower_bound=number, upper_bound=number)

    def between(self, found: Query, field: str, least: int, most: int) -> Query:
        """Of those found, the ones with a whole number from the least to the most."""
        kind = FieldType.Integer
        bounds = Query.range_query(self._schema, field, kind, lower_bound=least, upper_bound=most)
        return self.both(found, bounds)

    def matching(self, word: QueryWord) -> Query:
        """The documents that have the word; its score is what a typo in the least field gives."""
        return self._nearly("everything", word, TYPO_SHARE * WEIGHTS["everything"])

    def scored(self, words: Sequence[QueryWord], exact: str, found: Query) -> Query:
        """Those found, with the score that `relevance` describes, but for the brevity."""
        clauses = [(Occur.Must, found)]
        clauses += [(Occur.Should, clause) for word in words for clause in self._gains(word)]
        if exact:
            clauses.append((Occur.Should, self._exactly("exact_name", exact, NAME_BONUS)))
            clauses.append((Occur.Should, self._exactly("exact_title", exact, TITLE_BONUS)))
        return Query.boolean_query(clauses)

    def sharing(self, words: Iterable[str]) -> Query:
        """The documents that have any of these words, those with more and rarer ones first."""
        return Query.boolean_query([(Occur.Should, self._term("everything", word)) for word in words])

    def both(self, one: Query, other: Query) -> Query:
        """What both find."""
        return Query.boolean_query([(Occur.Must, one), (Occur.Must, other)])

    def _limits(self, sight: Sight, where: SearchFilter) -> list[Query]:
        limits = [] if sight.everything else [self._seen(sight)]
        for facet in FacetField:
            if (values := selected_values(where, facet)) is not None:
                limits.append(self._any_of(facet.value, values))
        if where.min_average is not None:
            limits.append(self._range("average", FieldType.Float, where.min_average, inclusive=True))
        if where.updated_after is not None:
            limits.append(self._range("updated_at", FieldType.Integer, where.updated_after, inclusive=False))
        if not limits and not where.include_archived:
            limits.append(Query.all_query())  # to leave the archived out of
        return limits

    def _seen(self, sight: Sight) -> Query:
        seen = [self._any_of(FacetField.FOLDER.value, sight.folders)]
        if sight.public:
            seen.append(Query.term_query(self._schema, "is_public", True, "basic"))
        return Query.boolean_query([(Occur.Should, part) for part in seen])

    def _range(self, field: str, kind: FieldType, least: float, *, inclusive: bool) -> Query:
        return Query.range_query(self._schema, field, kind, lower_bound=least, include_lower=inclusive)

    def _any_of(self, field: str, values: Iterable[str]) -> Query:
        held = [value for value in values if is_text(value)]
        if len(held) == 1:
            return Query.term_query(self._schema, field, held[0], "basic")
        return Query.term_set_query(self._schema, field, held) if held else Query.empty_query()

    def _gains(self, word: QueryWord) -> Iterable[Query]:
        for field, weight in WEIGHTS.items():
            if field != "everything":  # there `matching` has given it
                yield self._nearly(field, word, TYPO_SHARE * weight)
            begun = self._begun(field, word.text) if word.is_beginning else self._term(field, word.text)
            yield Query.const_score_query(begun, PREFIX_SHARE * weight)
            yield Query.const_score_query(self._term(field, word.text), weight)

    def _nearly(self, field: str, word: QueryWord, score: float) -> Query:
        """Exactly, as a beginning or with typos: `QueryWord.match`."""
        typos = allowed_typos(word.text)
        ways = []
        if word.is_beginning:
            ways.append(self._begun(field, word.text, min(typos, MOST_TYPOS_IN_BEGINNING)))
        if not word.is_beginning or typos > MOST_TYPOS_IN_BEGINNING:
            ways.append(self._mistyped(field, word.text, typos))
        found = ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, way) for way in ways])
        return Query.const_score_query(found, score)

    def _mistyped(self, field: str, word: str, typos: int) -> Query:
        if not typos:
            return self._term(field, word)
        return Query.fuzzy_term_query(self._schema, name_field(field), make_term(word), typos)

    def _begun(self, field: str, word: str, typos: int = 0) -> Query:
        return Query.fuzzy_term_query(self._schema, name_field(field), make_term(word), typos, prefix=True)

    def _term(self, field: str, word: str) -> Query:
        return Query.term_query(self._schema, name_field(field), make_term(word), "freq")

    def _exactly(self, field: str, text: str, bonus: float) -> Query:
        return Query.const_score_query(Query.term_query(self._schema, field, text, "basic"), bonus)


def is_text(value: str) -> bool:
    """Whether it can be written at all: half a surrogate pair cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in value)

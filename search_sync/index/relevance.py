"""How hits are ranked by relevance, the same in `memory.py` and `tantivy.py`.

The score is a sum over the query's words and the searched fields. A word that is in a field, but for typos, gives
TYPO_SHARE of the field's weight; one that begins a word of it, PREFIX_SHARE more; one that is in it exactly, BM25
times the weight more. The name outweighs the title, then description and tags, then variables, then the rest. On
top of that comes a bonus for a name (whole, or its last segment), and a smaller one for a title, that has exactly the
words asked for, so that these are always first.
"""

from itertools import chain

from search_sync.index.document import SearchDocument
from search_sync.index.words import MOST_QUERY_CHARACTERS, join_words, words

WEIGHTS = {"name": 8.0, "title": 6.0, "about": 3.0, "variables": 2.0, "everything": 1.0}
"""Searched fields. `everything` holds the words of the others and of the text: a hit has all its words there."""

PREFIX_SHARE = 0.9
TYPO_SHARE = 0.1
NAME_BONUS = 10_000.0  # ten rare words in every field come to 3,200
TITLE_BONUS = 5_000.0

BM25_SATURATION = 1.2
BM25_LENGTH = 0.75


def searched_words(document: SearchDocument) -> dict[str, list[str]]:
    """The words of every searched field."""
    facts = {
        "name": words(document.name),
        "title": words(document.title),
        "about": words("\n".join((document.description, *document.tags))),
        "variables": words("\n".join(document.variables)),
    }
    return {**facts, "everything": [*chain(*facts.values()), *words(document.text)]}


def exact_names(document: SearchDocument) -> tuple[str, ...]:
    """What to ask for to get this document by its name."""
    names = join_words(document.name), join_words(document.name.rpartition("/")[2])
    return tuple(dict.fromkeys(name for name in names if name))


def exact_query(text: str) -> str:
    """A query in the form of `exact_names`."""
    return join_words(text[:MOST_QUERY_CHARACTERS])

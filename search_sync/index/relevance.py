"""How hits are ranked by relevance, the same in `memory.py` and `tantivy.py`.

The score is a sum over the query's words and the searched fields. A word that is in a field, but for typos, gives
TYPO_SHARE of the field's weight; one that begins a word of it, PREFIX_SHARE more; one that is in it exactly, the
weight once more. The name outweighs the title, then description and tags, then variables, then the rest. On top of that
comes a bonus for a name (whole, or its last segment), and a smaller one for a title, that has exactly the words asked
for, so that these are always first. The sum is multiplied by the title's brevity: of two that have the words, the
shorter title is more about them.

It depends on the hit's own document alone. How rare a word is, or how long texts are elsewhere, would tell in the order
of what a caller sees of what they may not see.
"""

from itertools import chain

from search_sync.index.document import SearchDocument
from search_sync.index.words import MOST_QUERY_CHARACTERS, join_words, words

WEIGHTS = {"name": 8.0, "title": 6.0, "about": 3.0, "variables": 2.0, "everything": 1.0}
"""Searched fields. `everything` holds the words of the others and of the text: a hit has all its words there."""

# Eighths add up without rounding in 32 bits, so that no sum depends on the order in which an index adds.
PREFIX_SHARE = 0.875
TYPO_SHARE = 0.125
NAME_BONUS = 10_000.0  # ten words in every field come to 400, and brevity to a quarter more
TITLE_BONUS = 5_000.0


def searched_words(document: SearchDocument) -> dict[str, list[str]]:
    """The words of every searched field."""
    facts = {
        "name": words(document.name),
        "title": words(document.title),
        "about": words("\n".join((document.description, *document.tags))),
        "variables": words("\n".join(document.variables)),
    }
    return {**facts, "everything": [*chain(*facts.values()), *words(document.text)]}


def brevity(document: SearchDocument) -> float:
    """From 1.25 for a title of no words down to 1; of an untitled document, its name is the title."""
    return 1 + 1 / (4 + len(words(document.title or document.name)))


def exact_names(document: SearchDocument) -> tuple[str, ...]:
    """What to ask for to get this document by its name."""
    names = join_words(document.name), join_words(document.name.rpartition("/")[2])
    return tuple(dict.fromkeys(name for name in names if name))


def exact_query(text: str) -> str:
    """A query in the form of `exact_names`."""
    return join_words(text[:MOST_QUERY_CHARACTERS])

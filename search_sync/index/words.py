"""What a word is, how a query is read, and when two words match: the same for every index.

A word is a run of letters and digits of any script, folded (`folding.py`); after 60 of them a new one begins. Scripts
that put no spaces between words (Chinese, Japanese, Thai) give every character and every pair of neighbours instead.
A symbol such as an emoji is a word by itself.

A query is its first 10 words. All must be found, each exactly, or with the typos that `typos.py` allows. The last one
may be a beginning, unless something that is no word follows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from search_sync.index.folding import SPACELESS, fold, fold_with_places
from search_sync.index.typos import has_few_typos

LONGEST_WORD = 60
MOST_QUERY_WORDS = 10
MOST_QUERY_CHARACTERS = 1_000  # more than ten words of the longest; what follows is never looked at

_PIECE = re.compile(rf"\S{{1,{LONGEST_WORD}}}")
_MIXED_PIECE = re.compile(rf"[{SPACELESS}]+|[^\s{SPACELESS}]{{1,{LONGEST_WORD}}}")
_SPACELESS = re.compile(f"[{SPACELESS}]")


class Nearness(IntEnum):
    """How well a word of the query matches a word of a text; the higher, the better."""

    TYPO = 1
    PREFIX = 2
    EXACT = 3


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A folded word to be found; `is_beginning` when more letters may follow."""

    text: str
    is_beginning: bool = False

    def match(self, word: str) -> Nearness | None:
        """How well this matches a word of a text, or None."""
        if word == self.text:
            return Nearness.EXACT
        if self.is_beginning and word.startswith(self.text):
            return Nearness.PREFIX
        return Nearness.TYPO if has_few_typos(self.text, word, is_beginning=self.is_beginning) else None


def words(text: str) -> list[str]:
    """The words of a text that is to be found, in its order."""
    folded = fold(text)
    if text.isascii() or not _SPACELESS.search(folded):
        found = folded.split()
        return found if max(map(len, found), default=0) <= LONGEST_WORD else _PIECE.findall(folded)
    return [word for piece in _MIXED_PIECE.findall(folded) for word in _split(piece)]


def read_query(text: str) -> tuple[QueryWord, ...]:
    """The words that a query asks for; none when it holds no word, and then it asks for everything."""
    text = text[:MOST_QUERY_CHARACTERS]
    folded = fold(text)
    found = [word for piece in _MIXED_PIECE.findall(folded) for word in _query_words(piece)]
    wanted = list(dict.fromkeys(found[:MOST_QUERY_WORDS]))
    is_open = 0 < len(found) <= MOST_QUERY_WORDS and not folded[-1].isspace()
    return tuple(QueryWord(word, is_open and word == found[-1]) for word in wanted)


def join_words(text: str) -> str:
    """A text by its words alone: two texts that a reader would call the same have the same."""
    return " ".join(words(text))


def highlight_ranges(text: str, query: str) -> list[tuple[int, int]]:
    """What of a text matches a query: half-open ranges in code points, in order, none touching another.

    Of a beginning, the part that was typed; of any other match, the whole word.
    """
    wanted = read_query(query)
    if not wanted:
        return []
    folded, places = fold_with_places(text)
    lengths: dict[str, int] = {}
    ranges: list[tuple[int, int]] = []
    for word, start in _placed_words(folded):
        length = lengths.setdefault(word, -1)
        if length < 0:
            length = lengths[word] = max(_matched_length(asked, word) for asked in wanted)
        if length:
            ranges.append((places[start][0], places[start + length - 1][1]))
    return _merge(ranges)


def _split(piece: str) -> Iterator[str]:
    if not _SPACELESS.match(piece):
        yield piece
        return
    yield from piece
    for at in range(len(piece) - 1):
        yield piece[at : at + 2]


def _query_words(piece: str) -> Iterator[str]:
    """Pairs only, where there are any: they say more than the characters that they are made of."""
    if not _SPACELESS.match(piece) or len(piece) == 1:
        yield piece
        return
    for at in range(len(piece) - 1):
        yield piece[at : at + 2]


def _placed_words(folded: str) -> Iterator[tuple[str, int]]:
    for found in _MIXED_PIECE.finditer(folded):
        if _SPACELESS.match(found.group()):
            yield from _placed_pairs(found.group(), found.start())
        else:
            yield found.group(), found.start()


def _placed_pairs(piece: str, start: int) -> Iterator[tuple[str, int]]:
    for at, character in enumerate(piece):
        yield character, start + at
        if at + 1 < len(piece):
            yield piece[at : at + 2], start + at


def _matched_length(asked: QueryWord, word: str) -> int:
    match asked.match(word):
        case None:
            return 0
        case Nearness.PREFIX:
            return len(asked.text)
    return len(word)


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

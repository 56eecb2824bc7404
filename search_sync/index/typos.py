"""How far apart two words are, and how far apart they may be.

A typo is a letter too many, too few, wrong, or swapped with its neighbour (Damerau-Levenshtein, no letter touched
twice). One in the first letter counts double, as people rarely mistake it: both words are compared with their first
letter written twice, so that changing it takes two changes. The indexes that compare by automatons do it the same way.
"""

from functools import lru_cache

ONE_TYPO_FROM = 4
TWO_TYPOS_FROM = 8
MOST_TYPOS_IN_BEGINNING = 1  # with two, automatons stop short of some of the words


def double_first(word: str) -> str:
    """The form in which words are compared."""
    return word[:1] + word


def allowed_typos(word: str) -> int:
    """How many typos a word of a query may have. Numbers have none: 2024 is not 2025."""
    if word.isdecimal() or len(word) < ONE_TYPO_FROM:
        return 0
    return 1 if len(word) < TWO_TYPOS_FROM else 2


@lru_cache(maxsize=65_536)
def has_few_typos(typed: str, word: str, *, is_beginning: bool = False) -> bool:
    """Whether `typed` is `word` but for the typos that it may have, or a beginning of it but for one."""
    allowed = allowed_typos(typed)
    if abs(len(typed) - len(word)) <= allowed and _differ_by(typed, word, allowed):
        return True
    return is_beginning and _differ_by(typed, word, min(allowed, MOST_TYPOS_IN_BEGINNING), is_beginning=True)


def _differ_by(typed: str, word: str, allowed: int, *, is_beginning: bool = False) -> bool:
    return _distance_at_most(double_first(typed), double_first(word), allowed, is_beginning)


def _distance_at_most(typed: str, word: str, allowed: int, is_beginning: bool) -> bool:
    """Row by row over `word`; with `is_beginning` any row may be the last."""
    before: list[int] = []
    row = list(range(len(typed) + 1))
    for at, letter in enumerate(word):
        if is_beginning and row[-1] <= allowed:
            return True
        if min(row) > allowed:
            return False
        before, row = row, _next_row(typed, word, at, letter, before, row)
    return row[-1] <= allowed


def _next_row(typed: str, word: str, at: int, letter: str, before: list[int], row: list[int]) -> list[int]:
    following = [at + 1]
    for column, other in enumerate(typed):
        cost = min(row[column + 1] + 1, following[column] + 1, row[column] + (letter != other))
        if at and column and letter == typed[column - 1] and word[at - 1] == other:
            cost = min(cost, before[column - 1] + 1)
        following.append(cost)
    return following

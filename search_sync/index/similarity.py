"""How near two prompts are by content, the same for every index: weighted Jaccard over words, 1 for equal texts.

An index finds candidates that share `top_words`; this ranks them. A word weighs the less, the more of the candidates
have it. What is compared are the first 4,000 characters of the text, or the title where there is no text.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping

from search_sync.index.document import SearchDocument
from search_sync.index.words import words

COMPARED_CHARACTERS = 4_000
MOST_CANDIDATES = 100
_LEAST_NEARNESS = 0.05


def compared_text(document: SearchDocument) -> str:
    """The part of a document that is compared."""
    return document.text[:COMPARED_CHARACTERS] or document.title


def rank_by_nearness(source: str, candidates: Mapping[str, str], first: int) -> list[tuple[str, float]]:
    """Ids of the candidates (id: compared text), nearest first, then by id, with a nearness from 0 to 1."""
    own = Counter(words(source))
    counts = {key: Counter(words(text)) for key, text in candidates.items()}
    spread = Counter(word for count in (own, *counts.values()) for word in count)
    weights = {word: math.log(1 + (len(counts) + 1) / found) for word, found in spread.items()}
    near = [(key, _nearness(own, count, weights)) for key, count in counts.items()]
    return sorted((pair for pair in near if pair[1] >= _LEAST_NEARNESS), key=lambda pair: (-pair[1], pair[0]))[:first]


def top_words(source: str, rarity: Callable[[str], float] = len, most: int = 20) -> list[str]:
    """The words that say most about a text: frequent in it and rare elsewhere, or long where that is not known."""
    counts = Counter(words(source))
    weights = {word: count * rarity(word) for word, count in counts.items()}
    return sorted(counts, key=lambda word: (-weights[word], word))[:most]


def _nearness(one: Counter[str], other: Counter[str], weights: Mapping[str, float]) -> float:
    shared = sum(count * weights[word] for word, count in (one & other).items())
    joined = sum(count * weights[word] for word, count in (one | other).items())
    return shared / joined if joined else 1.0

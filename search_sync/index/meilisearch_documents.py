"""How a document lies in Meilisearch, and the settings that make it answer as the protocol says.

Texts are given as folded words with spaces between, so that Meilisearch has nothing left to decide about words. Ids
and facet values are written in hexadecimal: Meilisearch takes few characters in ids, compares facet values without
regard to case and accents, and reads filters as text. Written so, values are exact, and none can be mistaken for a
part of a filter.
"""

import hashlib
import json
from typing import Any

from search_sync.index.document import SearchDocument
from search_sync.index.facets import facet_values
from search_sync.index.protocol import FacetField
from search_sync.index.relevance import exact_names
from search_sync.index.similarity import compared_text
from search_sync.index.typos import ONE_TYPO_FROM, TWO_TYPOS_FROM
from search_sync.index.words import join_words, words

MOST_HITS = 1_000
"""What can be paged through, Meilisearch's own default: a higher one makes every search slower."""

MOST_FACET_VALUES = 1_000
MOST_VALUE_BYTES = 233  # a facet value has 468 bytes at most, and each of ours takes two
MOST_KEY_BYTES = 511
MOST_WORDS = 65_000
"""Meilisearch forgets the words of an attribute past the first 65,535."""

LAYOUT = 3
"""Grows with every change to what `make_document` makes: an index of another layout is built anew."""

NAMED = "exact_names"
"""What a document is called, whole and by the last segment: exact names come first by this, not by ranking rules."""

SEARCHED = (
    "words_name",
    "words_last_name",
    "words_title",
    "words_about",
    "words_variables",
    "words_text",
    "words_more",
)
"""The searched attributes, the heaviest first."""


def make_settings() -> dict[str, Any]:
    """The settings of an index. Needs Meilisearch 1.15."""
    equal = ["key", NAMED, *FacetField, "is_archived", "is_public"]
    return {
        "searchableAttributes": list(SEARCHED),
        "filterableAttributes": [
            _filterable(equal, compares=False),
            _filterable(["average", "updated_at"], compares=True),
        ],
        "sortableAttributes": ["wilson", "usage", "updated_at", "key"],
        "rankingRules": ["sort", "words", "typo", "attribute", "exactness", "proximity", "updated_at:desc", "key:asc"],
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": ONE_TYPO_FROM, "twoTypos": TWO_TYPOS_FROM},
            "disableOnNumbers": True,
        },
        "pagination": {"maxTotalHits": MOST_HITS},
        "faceting": {"maxValuesPerFacet": MOST_FACET_VALUES, "sortFacetValuesBy": {"*": "count"}},
    }


def name_layout() -> str:
    """The layout's version, and whatever the settings are."""
    settings = json.dumps(make_settings(), sort_keys=True)
    return f"meilisearch {LAYOUT} {hashlib.sha256(settings.encode()).hexdigest()[:16]}"


def make_document(document: SearchDocument) -> dict[str, Any]:
    """Raises RefusedDocumentError. All that is ranked by is in every document, as Meilisearch asks."""
    digest = document.seal()
    text, more = _split_text(document.text)
    facts: dict[str, Any] = {
        "digest": digest,
        "key": encode_id(document.id),
        "rev": document.rev,
        "compared": compared_text(document),
        "words_name": join_words(document.name),
        "words_last_name": join_words(document.name.rpartition("/")[2]),
        "words_title": join_words(document.title),
        "words_about": [join_words(document.description), *map(join_words, document.tags)],
        "words_variables": [*map(join_words, document.variables)],
        "words_text": text,
        "words_more": more,
        NAMED: [encode_value(name) for name in exact_names(document)],
        "is_archived": document.is_archived,
        "is_public": document.is_public,
        "average": document.average,
        "wilson": document.wilson,
        "usage": document.usage,
        "updated_at": document.updated_at,
    }
    values = facet_values(document).items()
    return {**facts, **{facet.value: [encode_value(value) for value in held] for facet, held in values}}


def encode_id(document_id: str) -> str:
    """Made of characters that an id may have, and in the order of the ids."""
    return document_id.encode("utf-8", "surrogatepass").hex()


def decode_id(key: str) -> str:
    """The id again."""
    return bytes.fromhex(key).decode("utf-8", "surrogatepass")


def encode_value(value: str) -> str:
    """One that is too long goes by its beginning and its hash, and is told so in the counts."""
    written = value.encode("utf-8", "surrogatepass")
    if len(written) > MOST_VALUE_BYTES:
        start = written[:120].decode("utf-8", "ignore")
        written = f"{start}…{hashlib.sha256(written).hexdigest()[:32]}".encode()
    return f"v{written.hex()}"  # the letter keeps it from being taken for a number


def decode_value(written: str) -> str:
    """The value again."""
    return bytes.fromhex(written[1:]).decode("utf-8", "surrogatepass")


def _split_text(text: str) -> tuple[str, str]:
    """The words of a text: of one that is too long each word once, in its order, in two attributes if need be.

    130,000 different words is more than a text has: 100,000 characters without spaces are 100,000 pairs at most.
    """
    found = words(text)
    if len(found) > MOST_WORDS:
        found = list(dict.fromkeys(found))
    return " ".join(found[:MOST_WORDS]), " ".join(found[MOST_WORDS:])


def _filterable(attributes: list[str], *, compares: bool) -> dict[str, Any]:
    features = {"facetSearch": False, "filter": {"equality": True, "comparison": compares}}
    return {"attributePatterns": [str(attribute) for attribute in attributes], "features": features}

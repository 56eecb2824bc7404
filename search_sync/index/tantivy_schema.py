"""How a document lies in Tantivy.

Words are folded and split by us, so Tantivy only splits at spaces; each is written with its first letter twice, as
`typos.py` compares them. Neither positions nor phrases are needed.
"""

import tantivy

from search_sync.index.document import SearchDocument
from search_sync.index.facets import facet_values
from search_sync.index.protocol import FacetField
from search_sync.index.relevance import WEIGHTS, brevity, exact_names, exact_query, searched_words
from search_sync.index.similarity import compared_text
from search_sync.index.typos import double_first

FORMAT = 4
"""Grows with every change to what is written here: an index of another format is built anew."""


def build_schema() -> tantivy.Schema:
    """The fields; the facets have the names of `FacetField`, the searched ones those of `name_field`."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("rev", fast=True)
    builder.add_bytes_field("digest", stored=True)
    builder.add_bytes_field("compared", stored=True)
    for field in WEIGHTS:
        builder.add_text_field(name_field(field), tokenizer_name="whitespace", index_option="freq")
    for field in ("exact_name", "exact_title"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for facet in FacetField:
        builder.add_text_field(facet.value, tokenizer_name="raw", index_option="basic", fast=True)
    for field in ("is_archived", "is_public"):
        builder.add_boolean_field(field, indexed=True)
    for field in ("average", "wilson", "brevity"):
        builder.add_float_field(field, fast=True)
    for field in ("usage", "updated_at"):
        builder.add_integer_field(field, fast=True)
    return builder.build()


def build_document(document: SearchDocument, schema: tantivy.Schema) -> tantivy.Document:
    """Raises RefusedDocumentError."""
    content: dict[str, object] = {
        "id": document.id,
        "rev": document.rev,
        "digest": bytes.fromhex(document.seal()),
        "compared": compared_text(document).encode(),
        "exact_name": list(exact_names(document)),
        "exact_title": exact_query(document.title),
        "is_archived": document.is_archived,
        "is_public": document.is_public,
        "wilson": document.wilson,
        "brevity": 2 ** brevity(document) - 2,  # Tantivy multiplies by log2(2 + what lies here)
        "usage": document.usage,
        "updated_at": document.updated_at,
    }
    if document.average is not None:
        content["average"] = document.average
    content.update((name_field(field), join_terms(words)) for field, words in searched_words(document).items())
    content.update((facet.value, list(values)) for facet, values in facet_values(document).items())
    return tantivy.Document.from_dict(content, schema)


def join_terms(words: list[str]) -> str:
    """The words as they are written: first letters twice, a space between."""
    return " ".join([word[0] + word for word in words])


def name_field(searched: str) -> str:
    """Where the words of a searched field are: a facet may have the field's own name."""
    return f"words_{searched}"


def make_term(word: str) -> str:
    """One word as it is written."""
    return double_first(word)

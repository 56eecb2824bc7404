"""How a document lies in Tantivy.

Words are folded and split by us, so Tantivy only splits at spaces; each is written with its first letter twice, as
`typos.py` compares them. Neither positions nor phrases are needed. Orders are texts that sort as the protocol
says, ties and all.
"""

import struct

import tantivy

from search_sync.index.document import SearchDocument
from search_sync.index.facets import facet_values
from search_sync.index.protocol import FacetField, SearchOrder
from search_sync.index.relevance import WEIGHTS, exact_names, exact_query, searched_words
from search_sync.index.similarity import compared_text
from search_sync.index.typos import double_first

FORMAT = 1
"""Grows with every change to what is written here: an index of another format is built anew."""

ORDERS = {
    SearchOrder.RATING: "by_rating",
    SearchOrder.UPDATED_AT: "by_update",
    SearchOrder.USAGE: "by_usage",
}
_COMPLEMENT = bytes(255 - byte for byte in range(256))


def build_schema() -> tantivy.Schema:
    """The fields; the facets have the names of `FacetField`, the searched ones those of `name_field`."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("rev", fast=True)
    builder.add_bytes_field("digest", stored=True)
    builder.add_bytes_field("compared", stored=True)
    for field in WEIGHTS:
        builder.add_text_field(name_field(field), tokenizer_name="whitespace", index_option="freq")
    for field in ("exact_name", "exact_title"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in (*FacetField, *ORDERS.values()):
        builder.add_text_field(str(field), tokenizer_name="raw", index_option="basic", fast=True)
    for field in ("is_archived", "is_public"):
        builder.add_boolean_field(field, indexed=True)
    builder.add_float_field("average", fast=True)
    builder.add_integer_field("updated_at", fast=True)
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
        "updated_at": document.updated_at,
    }
    if document.average is not None:
        content["average"] = document.average
    content.update((name_field(field), join_terms(words)) for field, words in searched_words(document).items())
    content.update((facet.value, list(values)) for facet, values in facet_values(document).items())
    content.update(_order_texts(document))
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


def _order_texts(document: SearchDocument) -> dict[str, str]:
    """Texts whose descending order is the protocol's: by field, by time, then by id ascending."""
    # The complement turns the order of ids around; "g", above all hexadecimal digits, puts a shorter id first.
    ties = f"{document.updated_at + 2**53:014x}{document.id.encode().translate(_COMPLEMENT).hex()}g"
    return {
        "by_update": ties,
        "by_usage": f"{document.usage + 2**53:014x}{ties}",
        "by_rating": f"{_sortable_bits(document.wilson):016x}{ties}",
    }


def _sortable_bits(number: float) -> int:
    """The bits of a number, changed so that they compare as it does."""
    bits: int = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]  # + 0.0 makes one of the two zeros
    return bits ^ (2**64 - 1) if bits >> 63 else bits | 2**63

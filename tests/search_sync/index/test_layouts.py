"""What lies in an index is fixed here: who changes it raises the layout's version, so that every index is built anew.

When one of these fails, what is written has changed. Raise FORMAT or LAYOUT, and put the new figure here.
"""

import hashlib
import json

from search_sync.index import meilisearch_documents, tantivy_schema
from tests.contracts.samples import make_document

SAMPLE = make_document(
    "a", name="folder/Ünder way", title="A Title", text="Dear {{customer}}, `a`b, 退款 x2", tags=("Tag",), average=4.5
)


def digest_of(fact: object) -> str:
    return hashlib.sha256(json.dumps(fact, sort_keys=True).encode()).hexdigest()[:12]


def test_what_lies_in_meilisearch_is_of_this_layout() -> None:
    made = meilisearch_documents.make_document(SAMPLE)
    assert (meilisearch_documents.LAYOUT, digest_of(made)) == (3, "dbeb154f94d6")


def test_the_settings_of_meilisearch_are_part_of_its_layout() -> None:
    assert digest_of(meilisearch_documents.make_settings())
    assert meilisearch_documents.name_layout().startswith(f"meilisearch {meilisearch_documents.LAYOUT} ")


def test_what_lies_in_tantivy_is_of_this_format() -> None:
    schema = tantivy_schema.build_schema()
    made = tantivy_schema.build_document(SAMPLE, schema).to_dict()
    shown = {name: [value.hex() if isinstance(value, bytes) else value for value in made[name]] for name in made}
    assert (tantivy_schema.FORMAT, digest_of(shown)) == (4, "95ea62329d28")

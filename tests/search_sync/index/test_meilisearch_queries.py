"""How questions are written for Meilisearch: nothing that was asked is read as anything but a word or a value."""

import pytest

from search_sync.index.meilisearch_documents import (
    encode_value,
)
from search_sync.index.meilisearch_queries import write_filter, write_search
from search_sync.index.protocol import (
    SearchFilter,
    SearchOrder,
    SearchRequest,
    Sight,
)

ALL = Sight(everything=True)


@pytest.mark.parametrize("value", ['x" OR is_public = true OR tags = "x', "\\", "'", "] OR kinds IN [", "\n"])
def test_a_filter_holds_nothing_that_was_asked_but_hexadecimal(value: str) -> None:
    written = write_filter(Sight(folders=(value,), public=True), SearchFilter(tags=(value, value)))
    plain = f'"{encode_value(value)}"'
    assert written == (
        f"(folders IN [{plain}] OR is_public = true) AND is_archived = false AND tags IN [{plain}, {plain}]"
    )


def test_a_query_holds_only_words() -> None:
    asked = SearchRequest(sight=ALL, text='-"exact phrase" +(plus) tags:x -minus "', order=SearchOrder.USAGE)
    body = write_search("i", asked)[0]
    assert body["q"] == "exact phrase plus tags x minus "
    assert body["sort"] == ["usage:desc", "updated_at:desc", "key:asc"]
    assert write_search("i", SearchRequest(sight=ALL, text="lin"))[0]["q"] == "lin"

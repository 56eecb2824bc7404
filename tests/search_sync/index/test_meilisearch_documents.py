"""How documents are written for Meilisearch: ids, values, words."""

from search_sync.index.document import MOST_ID_BYTES
from search_sync.index.meilisearch_documents import (
    MOST_WORDS,
    decode_id,
    decode_value,
    encode_id,
    encode_value,
)
from search_sync.index.meilisearch_documents import make_document as make_written
from tests.contracts.samples import make_document


def test_words_past_what_an_attribute_holds_go_into_the_next_one() -> None:
    many = " ".join(f"w{at}" for at in range(MOST_WORDS + 10))
    written = make_document("a", text=f"again {many} again")
    held = make_written(written)
    assert len(held["words_text"].split()) == MOST_WORDS
    assert held["words_more"].split()[-1] == f"w{MOST_WORDS + 9}"
    assert (held["words_text"] + " " + held["words_more"]).split().count("again") == 1


def test_ids_are_what_an_id_may_be_and_keep_their_order() -> None:
    ids = ["", "a", "ab", "b", "é", "汉", "😀", "z" * MOST_ID_BYTES]
    assert [decode_id(encode_id(key)) for key in ids] == ids
    assert max(len(encode_id(key)) for key in ids) <= 511
    assert sorted(ids, key=encode_id) == sorted(ids)


def test_values_come_back_and_the_longest_fit() -> None:
    for value in ["", "x", "X", "é", "e\u0301", "\0", '"', "\\", "汉" * 77]:
        assert decode_value(encode_value(value)) == value
    long, longer = "汉" * 300, "汉" * 301
    assert len(encode_value(long)) <= 468
    assert encode_value(long) != encode_value(longer)
    assert encode_value(decode_value(encode_value(long))) == encode_value(long)

"""No text and no value, however hostile, makes an index fail or show what was not asked for."""

import pytest

from search_sync.index.protocol import FacetField, SearchIndex
from tests.contracts.samples import ALL, ask, count, fill, find, make_document

HOSTILE = [
    "   ",
    "\t\n\r\u00a0\u3000",
    '"',
    "'",
    '""""',
    '"unclosed phrase',
    "'; DROP TABLE prompts; --",
    "AND OR NOT",
    "AND",
    "+ - : * ~ ^ ( ) [ ] { } \\ / ? ! && ||",
    "name:zebra",
    "text:[a TO z]",
    "zebra*",
    "*",
    "*:*",
    "zebra~2^9",
    "-zebra",
    '-"zebra"',
    "zebra -text",
    "IN [zebra]",
    "tags = x OR tags != x",
    '") OR is_public = true OR ("',
    "\0",
    "ze\0bra",
    "\u202eזברה\u202c",
    "\u0301\u0301\u0301",
    "e" + "\u0301" * 500,
    "\ud800",
    "\udfff\ud800",
    "\ufffe\uffff\U0001fffe",
    "\U0001f600\U00010348\U000e0041\U0010fffd\U0002070e\U00030000",
    "ﷺ" * 200,
    "İIıi" * 100,
    "a" * 10_000,
    "a " * 5_000,
    "😀" * 10_000,
    "zebra " * 2_000,
    "ÿ\u0345" * 5_000,
    "汉" * 10_000,
    "<em>zebra</em>",
    "../../etc/passwd",
    "%00%0a",
    "${jndi:x}{{zebra}}",
]

VALUES = [
    "",
    " ",
    "'",
    '"',
    "\\",
    "\\'",
    '\\"',
    "\\\\",
    "x' OR tags != 'x",
    'x" OR is_archived = true OR tags = "x',
    "x] OR kinds IN [text",
    "x\nOR kinds = text",
    "*",
    "x*",
    "NOT",
    "a:b",
    "\0",
    "a\0b",
    "😀",
    "\ud800",
    "z" * 5_000,
    "汉" * 400,
    "_geoRadius(1, 2, 3)",
    "EXISTS",
    "IS NULL",
    "مرحبا \u202e",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
async def test_hostile_text_is_answered_and_shows_nothing_archived(index: SearchIndex, text: str) -> None:
    await fill(
        index,
        make_document("a", text="zebra text"),
        make_document("gone", text="zebra text", tags=("hidden",), is_archived=True),
    )
    answer = await ask(index, text, facets=(FacetField.TAG,))
    assert {hit.id for hit in answer.hits} <= {"a"}
    assert answer.total == len(answer.hits)
    assert answer.facets[FacetField.TAG].values == ()


@pytest.mark.parametrize("text", ["", "   ", '"', "+ - : * ~ ^ ( ) [ ]", "\0", "\u0301", "\ud800"])
async def test_text_without_a_word_asks_for_everything(index: SearchIndex, text: str) -> None:
    await fill(index, make_document("a", text="zebra"), make_document("b"))
    assert await find(index, text) == ["a", "b"]


@pytest.mark.parametrize("text", ["name:zebra", "zebra*", "-zebra", "zebra~2^9 ", '"zebra', "NOT zebra"])
async def test_operators_are_words_or_nothing(index: SearchIndex, text: str) -> None:
    await fill(index, make_document("a", name="a", text="not a name 2 9 zebra"), make_document("b", text="other"))
    assert await find(index, text) == ["a"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
async def test_hostile_text_can_be_held_and_found_by_another_word(index: SearchIndex, text: str) -> None:
    held = text.encode("utf-8", "ignore").decode()
    await fill(index, make_document("a", description=held, text=f"{held} lighthouse {held}", tags=(held[:50],)))
    assert await find(index, "lighthouse") == ["a"]
    assert await find(index, tags=(held[:50],)) == ["a"]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:30])
@pytest.mark.parametrize("field", ["tags", "folders", "authors", "variables"])
async def test_a_hostile_value_matches_nothing_but_itself(index: SearchIndex, field: str, value: str) -> None:
    await fill(
        index,
        make_document("a", name="x/a", tags=("x",), author="x", variables=("x",)),
        make_document("gone", tags=("x",), is_archived=True),
    )
    asked = {field: (value,)}
    answer = await ask(index, "", ALL, facets=(FacetField(field), FacetField.KIND), **asked)
    assert (answer.hits, answer.total) == ((), 0)
    assert (value, 0) in answer.facets[FacetField(field)].values
    assert answer.facets[FacetField.KIND].values == ()


@pytest.mark.parametrize("value", [value for value in VALUES if value != "\ud800"], ids=lambda value: ascii(value)[:30])
async def test_a_hostile_value_is_found_by_itself_and_counted(index: SearchIndex, value: str) -> None:
    if len(value.encode()) > 468:
        pytest.skip("longer than a tag can be: see the longest folder")
    await fill(index, make_document("a", tags=(value,)), make_document("b", tags=("other",)))
    assert await find(index, tags=(value,)) == ["a"]
    assert dict((await count(index, FacetField.TAG)).values) == {value: 1, "other": 1}


async def test_two_hundred_values_are_one_filter(index: SearchIndex) -> None:
    await fill(index, *(make_document(f"{at:03}", tags=(f"t{at}",)) for at in range(0, 400, 2)))
    wanted = tuple(f"t{at}" for at in range(200))
    answer = await ask(index, tags=wanted, facets=(FacetField.TAG,), limit=100, values_per_facet=5)
    assert answer.total == 100
    counts = dict(answer.facets[FacetField.TAG].values)
    assert [counts[value] for value in wanted] == [1, 0] * 100
    assert answer.facets[FacetField.TAG].is_truncated


async def test_the_longest_folder_can_be_asked_for(index: SearchIndex) -> None:
    folder = "汉" * 250
    await fill(index, make_document("a", name=f"{folder}/x"), make_document("b", name=f"{folder[:-1]}/x"))
    assert await find(index, folders=(folder,)) == ["a"]
    values = dict((await count(index, FacetField.FOLDER)).values)
    assert len(values) == 2
    for value in values:
        assert len(await find(index, folders=(value,))) == 1


async def test_texts_of_every_size_are_held(index: SearchIndex) -> None:
    await fill(
        index,
        make_document("long", text="word " * 22_000 + "lighthouse"),
        make_document("unbroken", text="x" * 110_000 + " lighthouse"),
        make_document("wide", text="汉字" * 50_000 + " lighthouse"),
        make_document("empty", name="e", title="", text=""),
    )
    assert await find(index, "lighthouse") == ["long", "unbroken", "wide"]
    assert await find(index, "") == ["empty", "long", "unbroken", "wide"]

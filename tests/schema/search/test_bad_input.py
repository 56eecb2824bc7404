"""Whatever is asked, it is answered or refused by name."""

import pytest

from graph.domain.errors import (
    InvalidInputError,
)
from graph.schema.node import encode_id
from tests.schema.search.searcher import ALL_FACETS, Searcher


@pytest.mark.parametrize(
    "text",
    [
        "refund " * 1_500,
        "r" * 10_000,
        " " * 10_000,
        "\t\n\u3000\u200b",
        '"',
        "'\"`\\" * 50,
        "+refund -mail AND OR NOT (title:refund)^2 ~3 [a TO b] {x} * ? && || !",
        "name:* OR _exists_:text; DROP TABLE prompts --",
        'tags = "money" OR 1 = 1',
        "refund\0reply",
        "\0",
        "שלום \u202eרפונד\u202c",
        "e\u0301" * 200 + "\u0301" * 50,
        "".join(chr(code) for code in range(0x20, 0x10FFFF, 997) if not 0xD800 <= code <= 0xDFFF),
        "😀🏳️‍🌈👩‍👩‍👧‍👧",
        "退款 回复",
    ],
    ids=range(16),
)
async def test_any_text_is_answered(zoo: Searcher, text: str) -> None:
    found = await zoo.search(text, fields=ALL_FACETS)
    assert found["totalCount"] <= 5


async def test_of_a_long_text_the_first_words_are_read(zoo: Searcher) -> None:
    assert set(await zoo.names("refund " * 1_500)) == {"support/refund-reply", "support/eu/refund"}


async def test_only_spaces_and_signs_ask_for_everything(zoo: Searcher) -> None:
    assert (await zoo.search(" \t\n" * 3_000))["totalCount"] == 5
    assert (await zoo.search('"(*)"'))["totalCount"] == 5


async def test_half_a_character_is_refused(zoo: Searcher) -> None:
    assert isinstance(await zoo.refuse("refund \ud800"), InvalidInputError)
    assert isinstance(await zoo.refuse(filter={"tags": ["\udfff"]}), InvalidInputError)


INJECTIONS = [
    '"', "'", "\\", '" OR tags = "money', "money' OR '1'='1", "money) OR (tags:mail", "*", "mo*", "/.*/", "$ne", "\0",
    "money\0", "IS NULL", "EXISTS", "a TO b", "[* TO *]", "{$gt: ''}", "money ", "Money",
]  # fmt: skip


@pytest.mark.parametrize("field", ["tags", "categories", "labels", "models", "variables"])
async def test_a_filter_value_is_a_value_whatever_it_holds(zoo: Searcher, field: str) -> None:
    for value in INJECTIONS:
        assert await zoo.names(filter={field: [value]}) == [], value
    assert (await zoo.search(filter={field: INJECTIONS}, fields=ALL_FACETS))["totalCount"] == 0


@pytest.mark.parametrize("folder", ["", "/", "a//b", "..", "a/../b", "a|b", "a\0b", " a"])
async def test_what_can_be_no_folder_is_refused(zoo: Searcher, folder: str) -> None:
    error = await zoo.refuse(filter={"folders": [folder]})
    assert isinstance(error, InvalidInputError)
    assert error.path == ("filter", "folders", "0")


@pytest.mark.parametrize(
    "field", ["tags", "categories", "labels", "models", "variables", "folders", "kinds", "authorIds"]
)
async def test_too_many_filter_values_are_refused(zoo: Searcher, field: str) -> None:
    values: list[str] = [f"v{number}" for number in range(200)]
    if field == "kinds":
        values = ["TEXT"] * 200
    elif field == "authorIds":
        values = [str(encode_id("User", one)) for one in values]
    error = await zoo.refuse(filter={field: values})
    assert isinstance(error, InvalidInputError)
    assert error.path == ("filter", field)


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_a_page_of_an_impossible_size_is_refused(zoo: Searcher, first: int) -> None:
    error = await zoo.refuse(first=first)
    assert isinstance(error, InvalidInputError)
    assert error.path == ("first",)


@pytest.mark.parametrize("values", [0, -1, 101])
async def test_an_impossible_number_of_values_is_refused(zoo: Searcher, values: int) -> None:
    error = await zoo.refuse(fields=["TAG"], values=values)
    assert isinstance(error, InvalidInputError)
    assert error.path == ("valuesPerFacet",)


@pytest.mark.parametrize("average", [0, 0.99, 5.01, -1e308, 1e308])
async def test_an_average_that_no_prompt_can_have_is_refused(zoo: Searcher, average: float) -> None:
    error = await zoo.refuse(filter={"minAverageRating": average})
    assert isinstance(error, InvalidInputError)


async def test_an_id_of_something_else_is_no_author(zoo: Searcher) -> None:
    for wrong in ("x", str(encode_id("Prompt", "a"))):
        error = await zoo.refuse(filter={"authorIds": [wrong]})
        assert isinstance(error, InvalidInputError)
        assert error.path == ("filter", "authorIds", "0")

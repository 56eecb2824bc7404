"""Neighbours by content: duplicates first, strangers not at all."""

from search_sync.index.protocol import SearchIndex
from tests.contracts.samples import ALL, fill, make_document

REFUND = (
    "You answer customers who want their money back. Be kind, quote the order number, explain the refund policy in "
    "two sentences and promise an answer within three days. Never promise a refund that the policy does not allow."
)
POEM = "Write a sonnet about the autumn wind, in the manner of Rilke, with a turn before the last two lines."


async def fill_neighbours(index: SearchIndex) -> None:
    await fill(
        index,
        make_document("source", name="support/refund", text=REFUND),
        make_document("twin", name="elsewhere/other-name", title="Nothing alike", text=REFUND),
        make_document("close", text=REFUND.replace("three days", "one week").replace("kind", "friendly")),
        make_document("related", text="Explain the refund policy to customers and quote the order number."),
        make_document("verbose", text=f"{POEM} {REFUND} {POEM} {REFUND}"),
        make_document("poem", text=POEM),
        *(make_document(f"filler{at}", text=f"A text about thing number {at}, nothing else.") for at in range(30)),
    )


async def test_a_duplicate_comes_first_then_what_is_close(index: SearchIndex) -> None:
    await fill_neighbours(index)
    near = await index.similar("source", ALL, 5)
    assert [hit.id for hit in near][:3] == ["twin", "close", "verbose"]
    assert near[0].score is not None
    assert near[0].score > 0.99
    assert "related" in [hit.id for hit in near]
    assert "poem" not in [hit.id for hit in near][:4]


async def test_no_more_than_asked_for(index: SearchIndex) -> None:
    await fill_neighbours(index)
    assert [hit.id for hit in await index.similar("source", ALL, 1)] == ["twin"]
    assert await index.similar("source", ALL, 0) == ()


async def test_a_prompt_of_few_words_has_neighbours_too(index: SearchIndex) -> None:
    await fill(index, make_document("a", text="Hello!"), make_document("b", text="hello"), make_document("c", text=""))
    assert [hit.id for hit in await index.similar("a", ALL, 5)] == ["b"]
    assert [hit.id for hit in await index.similar("c", ALL, 5)] == []


async def test_many_duplicates_are_all_found(index: SearchIndex) -> None:
    await fill(index, *(make_document(f"{at:02}", text=REFUND) for at in range(30)), make_document("poem", text=POEM))
    assert [hit.id for hit in await index.similar("07", ALL, 10)] == [f"{at:02}" for at in range(11) if at != 7]

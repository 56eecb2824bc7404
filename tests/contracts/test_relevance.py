"""What a person would expect of a search in the real prompts, and no index may fall below."""

import pytest

from search_sync.index.protocol import Batch, SearchIndex
from tests.contracts.relevance import PROMPTS, mark, read_prompts, total

pytestmark = pytest.mark.skipif(
    not PROMPTS.is_file(), reason="the real prompts are not beside this checkout, in ../shared/data/prompts.csv"
)


@pytest.mark.usefixtures("_ranked_by_us")
async def test_thirty_questions_bring_what_was_meant_to_the_top(index: SearchIndex) -> None:
    documents = read_prompts()
    assert len(documents) == 1_126
    await index.write(Batch(documents=documents))
    marks = await mark(index, documents)
    assert len(marks) == 30
    least = {query: one for query, one in marks.items() if one.gain < 0.75 or one.recall < 0.75}
    assert not least, least
    assert total(marks).gain >= 0.97
    assert total(marks).recall >= 0.99

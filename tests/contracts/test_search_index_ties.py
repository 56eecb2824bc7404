"""Pages join whatever ties: each hit is on one page, in the order that the protocol promises."""

from collections.abc import Callable

import pytest

from search_sync.index.protocol import SearchIndex
from tests.contracts.samples import ask, fill, make_document

TIES = 3_000
TIMES: dict[str, Callable[[int], int]] = {
    "no two at a time": lambda at: 10_000 + at,
    "all at one time": lambda at: 10_000,
    "half at one time": lambda at: 10_000 + max(0, at - TIES // 2),
}


@pytest.mark.parametrize("time_of", TIMES.values(), ids=TIMES.keys())
async def test_pages_of_one_score_hold_each_hit_once_by_time_then_by_id(
    index: SearchIndex, kind: str, time_of: Callable[[int], int]
) -> None:
    if kind not in ("memory", "tantivy"):
        pytest.skip("Meilisearch is paged through only as far as it says that it can be")
    times = {f"p{at * 7 % TIES:04}": time_of(at) for at in range(TIES)}
    await fill(index, *(make_document(key, name=f"support/a{key}", updated_at=time) for key, time in times.items()))
    found: list[str] = []
    for offset in range(0, TIES, 500):
        answer = await ask(index, "supp", offset=offset, limit=500)
        assert (answer.total, answer.reachable) == (TIES, TIES)
        assert len({hit.score for hit in answer.hits}) == 1
        found += [hit.id for hit in answer.hits]
    assert found == sorted(times, key=lambda key: (-times[key], key))

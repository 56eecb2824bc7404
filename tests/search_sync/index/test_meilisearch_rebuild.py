"""Building anew beside the index that serves: swapped whole, by the one who holds the right, leaving nothing."""

import pytest
from aiohttp.test_utils import BaseTestServer

from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.protocol import (
    Batch,
    IndexRemovedError,
    IndexUnavailableError,
    Tenure,
)
from tests.contracts.meilisearch_stand_in import StandIn
from tests.contracts.samples import list_held, make_document
from tests.search_sync.index.conftest import open_at

DOCUMENTS = [make_document(f"{at:02}", tags=("x",)) for at in range(16)]


async def test_a_swap_takes_both_indexes_at_once_and_leaves_nothing(index: MeilisearchIndex, stand_in: StandIn) -> None:
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=DOCUMENTS))
    await rebuild.finish("v1")
    assert [task["type"] for task in stand_in.tasks].count("indexSwap") == 1
    assert sorted(stand_in.indexes) == ["prompts", "prompts_state"]
    assert await index.fingerprint() == "v1"
    with pytest.raises(IndexUnavailableError, match="over"):
        await rebuild.write(Batch(documents=DOCUMENTS))


async def test_a_second_rebuild_starts_from_nothing_and_ends_the_first(
    index: MeilisearchIndex, stand_in: StandIn
) -> None:
    first = await index.rebuild()
    await first.write(Batch(documents=DOCUMENTS))
    second = await index.rebuild()
    with pytest.raises(IndexUnavailableError, match="over"):
        await first.finish("v1")
    await second.finish("v2")
    assert await list_held(index) == {}
    assert await index.fingerprint() == "v2"


class OvertakenError(Exception):
    """Somebody else has the right to write now."""


async def test_a_builder_that_was_overtaken_swaps_nothing_and_disturbs_nobody(
    server: BaseTestServer, stand_in: StandIn
) -> None:
    zombie, follower = open_at(server), open_at(server)
    rights = {1}

    def check() -> None:
        if 1 not in rights:
            raise OvertakenError

    late = await zombie.rebuild(Tenure(1, check))
    await late.write(Batch(documents=DOCUMENTS[:1]))
    rights.clear()
    present = await follower.rebuild(Tenure(2))
    await present.write(Batch(documents=DOCUMENTS[1:3]))
    await late.write(Batch(documents=DOCUMENTS[:1]))  # it is on its way already; it goes into an index of its own
    with pytest.raises(OvertakenError):
        await late.finish("late", "late")
    await late.abandon()
    await present.finish("v2", "second")
    assert set(await list_held(follower)) == {"01", "02"}
    assert (await follower.fingerprint(), await follower.mark()) == ("v2", "second")
    with pytest.raises(OvertakenError):
        await zombie.rebuild(Tenure(1, check))
    await zombie.close()
    await follower.close()
    assert {"prompts", "prompts_state"} <= set(stand_in.indexes)


async def test_what_earlier_builders_left_is_removed_and_nothing_of_later_ones(
    index: MeilisearchIndex, stand_in: StandIn, server: BaseTestServer
) -> None:
    others = [open_at(server) for _ in range(2)]
    await others[0].rebuild(Tenure(3))
    await others[1].rebuild(Tenure(12))
    await index.rebuild(Tenure(5))
    left = {name for name in stand_in.indexes if not name.endswith("_state")}
    assert left == {"prompts_next_5", "prompts_next_12"}
    for other in others:
        await other.close()


async def test_an_index_whose_documents_were_dropped_says_nothing_of_them(
    index: MeilisearchIndex, stand_in: StandIn
) -> None:
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=DOCUMENTS))
    await rebuild.finish("v1", "mark")
    del stand_in.indexes["prompts"]
    assert (await index.fingerprint(), await index.mark()) == (None, None)
    with pytest.raises(IndexRemovedError):
        await index.write(Batch(documents=DOCUMENTS[:1]))
    with pytest.raises(IndexRemovedError):
        await index.write(Batch(gone=("00",)))
    assert "prompts" not in stand_in.indexes  # the server would make one without settings
    again = await index.rebuild()
    await again.finish("v2")
    await index.write(Batch(documents=DOCUMENTS))
    assert len(await list_held(index)) == 16

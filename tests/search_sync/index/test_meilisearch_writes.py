"""Batches for Meilisearch: what is sent, and which document is to blame when one fails."""

import pytest

from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.meilisearch_documents import (
    decode_id,
    encode_id,
    make_settings,
)
from search_sync.index.protocol import (
    Batch,
    IndexUnavailableError,
)
from tests.contracts.meilisearch_stand_in import StandIn
from tests.contracts.samples import list_held, make_document

DOCUMENTS = [make_document(f"{at:02}", tags=("x",)) for at in range(16)]


async def test_of_a_failed_batch_the_document_to_blame_is_refused_and_the_others_go_in(
    index: MeilisearchIndex, stand_in: StandIn
) -> None:
    stand_in.refuse = lambda document: "It is cursed." if decode_id(document["key"]) in {"03", "11"} else None
    assert await index.write(Batch(documents=DOCUMENTS)) == {"03": "It is cursed.", "11": "It is cursed."}
    assert set(await list_held(index)) == {document.id for document in DOCUMENTS} - {"03", "11"}
    additions = [task for task in stand_in.tasks if task["type"] == "documentAdditionOrUpdate"]
    assert len(additions) <= 17


async def test_a_batch_that_is_too_large_is_halved(index: MeilisearchIndex, stand_in: StandIn) -> None:
    stand_in.largest = 3_000
    long = make_document("long", text="word " * 1_000)
    refused = await index.write(Batch(documents=[*DOCUMENTS, long]))
    assert list(refused) == ["long"]
    assert len(await list_held(index)) == 16


async def test_a_failure_of_the_server_blames_no_document(index: MeilisearchIndex, stand_in: StandIn) -> None:
    await index.write(Batch())
    stand_in.failure = {"message": "No space left.", "code": "no_space_left_on_device", "type": "system"}
    with pytest.raises(IndexUnavailableError, match="No space left"):
        await index.write(Batch(documents=DOCUMENTS))
    with pytest.raises(IndexUnavailableError, match="No space left"):
        await index.write(Batch(gone=("00",)))
    stand_in.failure = None
    assert await index.write(Batch(documents=DOCUMENTS)) == {}


async def test_one_task_takes_a_whole_batch(index: MeilisearchIndex, stand_in: StandIn) -> None:
    await index.write(Batch())
    before = len(stand_in.tasks)
    await index.write(Batch(documents=DOCUMENTS, gone=("a", "b", "c")))
    assert [task["type"] for task in stand_in.tasks[before:]] == ["documentAdditionOrUpdate", "documentDeletion"]


async def test_a_document_at_which_the_server_fails_inside_is_refused_while_it_is_well_otherwise(
    index: MeilisearchIndex, stand_in: StandIn
) -> None:
    inside = {"message": "It panicked.", "code": "internal", "type": "internal"}
    stand_in.refuse = lambda document: "It panicked." if document["key"] == encode_id("05") else None
    stand_in.error_of_refusal = inside
    assert await index.write(Batch(documents=DOCUMENTS)) == {"05": "It panicked."}
    assert len(await list_held(index)) == 15
    assert await index.write(Batch(documents=DOCUMENTS[5:6])) == {"05": "It panicked."}
    stand_in.failure = inside
    before = len(stand_in.tasks)
    with pytest.raises(IndexUnavailableError, match="It panicked"):
        await index.write(Batch(documents=DOCUMENTS))
    assert len(stand_in.tasks) - before == 2  # a server that fails at everything is not asked again and again


async def test_what_all_rank_by_is_in_every_document(index: MeilisearchIndex, stand_in: StandIn) -> None:
    await index.write(Batch(documents=[make_document("a")]))
    held = next(iter(stand_in.indexes["prompts"].documents.values()))
    settings = make_settings()
    ranked = [rule.partition(":")[0] for rule in settings["rankingRules"] if ":" in rule]
    assert {*ranked, *settings["sortableAttributes"]} <= held.keys()
    assert {*settings["searchableAttributes"]} <= held.keys()

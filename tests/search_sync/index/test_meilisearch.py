"""The traffic with a Meilisearch server: what is sent, when a write counts as done, and what becomes of failures."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from search_sync.index.document import MOST_ID_BYTES
from search_sync.index.meilisearch import MeilisearchIndex
from search_sync.index.meilisearch_documents import (
    MOST_FACET_VALUES,
    MOST_WORDS,
    decode_id,
    decode_value,
    encode_id,
    encode_value,
    make_settings,
)
from search_sync.index.meilisearch_documents import make_document as make_written
from search_sync.index.meilisearch_queries import write_filter, write_search
from search_sync.index.protocol import (
    Batch,
    FacetField,
    IndexRemovedError,
    IndexUnavailableError,
    SearchFilter,
    SearchOrder,
    SearchRequest,
    Sight,
    Tenure,
)
from tests.contracts.meilisearch_stand_in import StandIn
from tests.contracts.samples import ask, count, find, list_held, make_document, rank

ALL = Sight(everything=True)
DOCUMENTS = [make_document(f"{at:02}", tags=("x",)) for at in range(16)]


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
async def server(stand_in: StandIn) -> AsyncIterator[BaseTestServer]:
    async with TestServer(stand_in.make_app()) as server:
        yield server


@pytest.fixture
async def index(server: BaseTestServer) -> AsyncIterator[MeilisearchIndex]:
    opened = open_at(server)
    yield opened
    await opened.close()


def open_at(server: BaseTestServer, patience: float = 1.0, task_patience: float = 5.0) -> MeilisearchIndex:
    url = str(server.make_url("")).rstrip("/")
    return MeilisearchIndex(url, "a key", "prompts", patience=patience, task_patience=task_patience)


async def test_a_write_is_done_when_its_task_has_succeeded_and_not_before(
    server: BaseTestServer, stand_in: StandIn
) -> None:
    index = open_at(server)
    await index.write(Batch(documents=DOCUMENTS[:1]))
    stand_in.is_stuck = True
    write = asyncio.create_task(index.write(Batch(documents=DOCUMENTS[1:2])))
    await asyncio.sleep(0.3)
    assert not write.done()
    assert stand_in.tasks[-1]["type"] == "documentAdditionOrUpdate"
    stand_in.is_stuck = False
    assert await write == {}
    assert await find(index) == ["00", "01"]
    await index.close()


async def test_a_task_that_never_ends_is_told_as_unavailable(server: BaseTestServer, stand_in: StandIn) -> None:
    stand_in.is_stuck = True
    index = open_at(server, task_patience=0.2)
    with pytest.raises(IndexUnavailableError, match=r"not done a task in 0\.2 seconds"):
        await index.write(Batch(documents=DOCUMENTS[:1]))
    await index.close()


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


async def test_a_server_that_is_down_is_told_at_once(server: BaseTestServer) -> None:
    index = open_at(server)
    await server.close()
    started = time.monotonic()
    for asking in (ask(index), index.similar("a", ALL, 3), index.revisions(["a"]), index.fingerprint()):
        with pytest.raises(IndexUnavailableError, match="out of reach"):
            await asking
    with pytest.raises(IndexUnavailableError):
        await index.write(Batch(documents=DOCUMENTS))
    with pytest.raises(IndexUnavailableError):
        await list_held(index)
    assert time.monotonic() - started < 2
    await index.close()


async def test_a_server_that_hangs_is_told_within_the_patience() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    index = MeilisearchIndex(f"http://127.0.0.1:{port}", None, "p", patience=0.3, task_patience=0.3)
    started = time.monotonic()
    with pytest.raises(IndexUnavailableError):
        await ask(index)
    assert time.monotonic() - started < 1
    await index.close()
    listener.close()


async def test_a_server_that_talks_nonsense_is_unavailable() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    index = MeilisearchIndex(f"http://127.0.0.1:{port}", None, "p", patience=1.0)
    with pytest.raises(IndexUnavailableError, match="did not answer as it should"):
        await ask(index)
    await index.close()
    listener.close()


async def test_an_index_that_is_not_there_yet_is_empty(index: MeilisearchIndex) -> None:
    answer = await ask(index, "x", facets=(FacetField.TAG,), tags=("x",))
    assert (answer.hits, answer.total, answer.facets[FacetField.TAG].values) == ((), 0, (("x", 0),))
    assert await index.fingerprint() is None
    assert await list_held(index) == {}


async def test_a_search_and_its_disjunctive_counts_are_one_request(index: MeilisearchIndex, stand_in: StandIn) -> None:
    await index.write(Batch(documents=DOCUMENTS))
    stand_in.searches.clear()
    await ask(index, facets=(FacetField.TAG, FacetField.AUTHOR, FacetField.KIND), tags=("x",), authors=("ann",))
    main, tags, authors = stand_in.searches
    assert main["facets"] == ["kinds"]
    assert (tags["facets"], tags["limit"], "tags IN" in tags["filter"]) == (["tags"], 0, False)
    assert (authors["facets"], authors["limit"], "authors IN" in authors["filter"]) == (["authors"], 0, False)
    assert "tags IN" in authors["filter"]
    assert "authors IN" in tags["filter"]


async def test_hits_that_cannot_be_paged_to_are_told(index: MeilisearchIndex) -> None:
    await index.write(Batch(documents=[make_document(f"{at}") for at in range(1_010)]))
    answer = await ask(index, offset=995, limit=20)
    assert (answer.total, answer.reachable, len(answer.hits)) == (1_010, 1_000, 5)
    assert (await ask(index, offset=5_000)).hits == ()


async def test_selected_values_past_what_a_facet_gives_are_counted_apart(index: MeilisearchIndex) -> None:
    tags = tuple(f"t{at:04}" for at in range(MOST_FACET_VALUES))
    await index.write(
        Batch(documents=[make_document("a", tags=tags), make_document("b", tags=tags), make_document("c", tags=("z",))])
    )
    facet = await count(index, FacetField.TAG, tags=("z", "nowhere"), values_per_facet=5)
    assert facet.values[-2:] == (("z", 1), ("nowhere", 0))
    assert facet.is_truncated


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


async def test_an_id_that_cannot_be_held_does_not_spoil_the_question_for_others(index: MeilisearchIndex) -> None:
    await index.write(Batch(documents=[make_document("a", rev=7)]))
    assert await index.revisions(["a", "x" * 300, ""]) == {"a": 7}


async def test_exact_names_come_first_on_every_page_and_once(index: MeilisearchIndex) -> None:
    documents = [make_document(f"{at}", name=f"deep/zebra {at}", updated_at=90 + at) for at in range(5)]
    await index.write(Batch(documents=[*documents, make_document("z", name="zoo/zebra", updated_at=1)]))
    assert await rank(index, "zebra") == ["z", "4", "3", "2", "1", "0"]
    pages = [await rank(index, "zebra", offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert pages == [["z", "4"], ["3", "2"], ["1", "0"], []]
    scores = [hit.score or 0.0 for hit in (await ask(index, "zebra")).hits]
    assert scores[0] > max(scores[1:])
    assert (await ask(index, "zebra", tags=("none",))).hits == ()


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

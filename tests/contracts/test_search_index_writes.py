"""What every index keeps: revisions, replacements, deletions, refusals, and its content across a rebuild."""

import asyncio
from dataclasses import replace

import pytest

from search_sync.index.protocol import Batch, FacetField, SearchIndex
from tests.contracts.samples import ask, count, fill, find, list_held, make_document


async def test_what_was_written_is_found_at_once(index: SearchIndex) -> None:
    for number in range(5):
        await fill(index, make_document(f"{number}", text=f"number {number}00"))
        assert await find(index, f"{number}00 ") == [f"{number}"]


async def test_a_newer_revision_replaces_the_whole(index: SearchIndex) -> None:
    await fill(index, make_document("a", text="older", tags=("x",)))
    await fill(index, make_document("a", rev=2, text="newer"))
    assert await find(index, "older ") == []
    assert await find(index, "newer ") == ["a"]
    assert (await count(index, FacetField.TAG)).values == ()
    assert (await ask(index)).total == 1


async def test_an_older_revision_changes_nothing(index: SearchIndex) -> None:
    newer = make_document("a", rev=7, text="newer")
    await fill(index, newer)
    await fill(index, make_document("a", rev=6, text="older"), make_document("b", text="neighbour"))
    assert await list_held(index) == {
        "a": (7, newer.digest()),
        "b": (1, make_document("b", text="neighbour").digest()),
    }
    assert await find(index, "older ") == []
    assert await find(index, "neighbour ") == ["b"]


async def test_an_equal_revision_replaces(index: SearchIndex) -> None:
    await fill(index, make_document("a", rev=3))
    counted = make_document("a", rev=3, usage=12)
    await fill(index, counted)
    assert await list_held(index) == {"a": (3, counted.digest())}


async def test_of_one_document_twice_in_a_batch_the_newer_stays(index: SearchIndex) -> None:
    newer = make_document("a", rev=2, text="newer")
    await fill(index, newer, make_document("a", rev=1, text="older"))
    assert await list_held(index) == {"a": (2, newer.digest())}
    later = make_document("a", rev=2, text="later")
    await fill(index, newer, later)
    assert await list_held(index) == {"a": (2, later.digest())}
    assert (await ask(index)).total == 1


async def test_what_is_gone_is_not_found(index: SearchIndex) -> None:
    await fill(index, make_document("a", tags=("x",)), make_document("b", tags=("x",)))
    await index.write(Batch(gone=("a", "never there")))
    assert await find(index) == ["b"]
    assert (await count(index, FacetField.TAG)).values == (("x", 1),)
    assert await index.revisions(["a", "b"]) == {"b": 1}


async def test_what_was_gone_may_come_back_with_any_revision(index: SearchIndex) -> None:
    await fill(index, make_document("a", rev=9))
    await index.write(Batch(gone=("a",)))
    await fill(index, make_document("a", rev=1))
    assert await index.revisions(["a"]) == {"a": 1}


async def test_what_starts_afresh_goes_in_with_a_lower_revision(index: SearchIndex) -> None:
    await fill(index, make_document("a", rev=9, text="older"), make_document("b", rev=9))
    again = (make_document("a", rev=1, text="newer"), make_document("b", rev=1))
    assert await index.write(Batch(documents=again, afresh=("a", "never there"))) == {}
    assert await index.revisions(["a", "b"]) == {"a": 1, "b": 9}
    assert await find(index, "newer ") == ["a"]
    assert (await ask(index)).total == 2


async def test_ids_that_no_index_can_hold_are_gone_anyway(index: SearchIndex) -> None:
    await fill(index, make_document("a"))
    await index.write(Batch(gone=("x" * 300, "", "half \ud800", "a")))
    assert await index.revisions(["a"]) == {}


async def test_one_batch_writes_and_removes(index: SearchIndex) -> None:
    await fill(index, make_document("a"), make_document("b"))
    await index.write(Batch(documents=(make_document("c"), make_document("b", rev=2)), gone=("a",)))
    assert await index.revisions(["a", "b", "c"]) == {"b": 2, "c": 1}


async def test_an_empty_batch_is_fine(index: SearchIndex) -> None:
    assert await index.write(Batch()) == {}
    assert await index.revisions([]) == {}


async def test_a_document_that_cannot_be_held_is_refused_and_its_neighbours_go_in(index: SearchIndex) -> None:
    refused = await index.write(
        Batch(
            documents=(
                make_document("a"),
                make_document("x" * 300, name="long"),
                make_document("half", text="half \ud800 of a pair"),
                make_document("huge", usage=2**60),
                make_document("endless", wilson=float("inf")),
                make_document("b"),
            )
        )
    )
    assert sorted(refused) == ["endless", "half", "huge", "x" * 300]
    assert all(reason.endswith(".") for reason in refused.values())
    assert await find(index) == ["a", "b"]


async def test_a_scan_gives_everything_with_its_digest(index: SearchIndex) -> None:
    documents = [make_document(f"{at:04}", rev=at, text=f"text {at}", is_archived=at % 3 == 0) for at in range(1_500)]
    await fill(index, *documents)
    assert await list_held(index) == {document.id: (document.rev, document.digest()) for document in documents}


async def test_an_index_that_was_never_built_has_no_fingerprint(index: SearchIndex) -> None:
    await fill(index, make_document("a"))
    assert await index.fingerprint() is None


async def test_an_index_keeps_its_mark_which_goes_with_the_documents(index: SearchIndex) -> None:
    assert await index.mark() is None
    first = await index.rebuild()
    await first.finish("v1", "first")
    assert await index.mark() == "first"
    await fill(index, make_document("a"))
    await index.keep_mark('{"more": "é"}')
    second = await index.rebuild()
    await fill(index, make_document("b"))
    assert await index.mark() == '{"more": "é"}'
    await second.finish("v2", "second")
    assert await index.mark() == "second"
    third = await index.rebuild()
    await third.finish("v3")
    assert await index.mark() is None
    assert (await ask(index)).total == 0  # a mark is no document


async def test_a_layout_has_a_name_that_does_not_change_by_itself(index: SearchIndex) -> None:
    before = index.layout
    await fill(index, make_document("a"))
    assert index.layout == before
    assert before


async def test_a_rebuilt_index_takes_the_others_place(index: SearchIndex) -> None:
    await fill(index, make_document("old"), make_document("both", text="older"))
    rebuild = await index.rebuild()
    assert await rebuild.write(Batch(documents=(make_document("new"), make_document("both", text="newer")))) == {}
    assert await find(index) == ["both", "old"]
    await rebuild.finish("v2")
    assert await find(index) == ["both", "new"]
    assert await find(index, "newer ") == ["both"]
    assert await index.fingerprint() == "v2"
    await fill(index, make_document("later"))
    assert await find(index) == ["both", "later", "new"]


async def test_a_rebuild_guards_revisions_and_takes_deletions_too(index: SearchIndex) -> None:
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=(make_document("a", rev=3), make_document("b"), make_document("c"))))
    await rebuild.write(Batch(documents=(make_document("a", rev=2),), gone=("b",)))
    await rebuild.write(Batch(documents=(make_document("c", rev=2), make_document("x" * 300, name="long"))))
    await rebuild.finish("v1")
    assert await index.revisions(["a", "b", "c"]) == {"a": 3, "c": 2}
    assert (await ask(index)).total == 2


async def test_a_rebuild_tells_what_it_refuses(index: SearchIndex) -> None:
    rebuild = await index.rebuild()
    refused = await rebuild.write(Batch(documents=(make_document("a"), make_document("half", text="\udfff"))))
    assert list(refused) == ["half"]
    await rebuild.finish("v1")
    assert await find(index) == ["a"]


async def test_an_abandoned_rebuild_leaves_the_index_as_it_was(index: SearchIndex) -> None:
    first = await index.rebuild()
    await first.write(Batch(documents=(make_document("a"),)))
    await first.finish("v1")
    second = await index.rebuild()
    await second.write(Batch(documents=(make_document("b"),)))
    await second.abandon()
    assert await find(index) == ["a"]
    assert await index.fingerprint() == "v1"
    third = await index.rebuild()
    await third.finish("v3")
    assert await find(index) == []


async def test_what_is_written_to_the_index_during_a_rebuild_is_found_until_the_swap(index: SearchIndex) -> None:
    rebuild = await index.rebuild()
    await fill(index, make_document("meanwhile"))
    assert await find(index) == ["meanwhile"]
    await rebuild.finish("v1")
    assert await find(index) == []


@pytest.mark.timeout(120)
async def test_searches_never_fail_or_lose_anything_while_indexes_are_swapped(index: SearchIndex) -> None:
    documents = [make_document(f"{at}", tags=("even" if at % 2 == 0 else "odd",)) for at in range(50)]
    await fill(index, *documents)
    is_over = asyncio.Event()

    async def search() -> int:
        asked = 0
        while not is_over.is_set():
            answer = await ask(index, "", facets=(FacetField.TAG,), limit=50)
            assert (answer.total, len(answer.hits)) == (50, 50)
            assert answer.facets[FacetField.TAG].values == (("even", 25), ("odd", 25))
            asked += 1
            await asyncio.sleep(0)
        return asked

    searching = [asyncio.create_task(search()) for _ in range(2)]
    for turn in range(5):
        rebuild = await index.rebuild()
        await rebuild.write(Batch(documents=documents))
        await fill(index, replace(documents[turn], rev=2))
        await rebuild.finish(f"v{turn}")
        await asyncio.sleep(0.02)
    is_over.set()
    assert min(await asyncio.gather(*searching)) > 0

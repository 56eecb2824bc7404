"""What Tantivy promises beyond the contract: it stays on disk, survives damage and crashes, and has one owner."""

import asyncio
import contextlib
import json
import multiprocessing
import shutil
from pathlib import Path

import pytest
import tantivy
from structlog.testing import capture_logs

from search_sync.index.protocol import Batch, IndexUnavailableError, SearchRequest, Sight
from search_sync.index.tantivy import IndexInUseError, IndexRemovedError, TantivyIndex
from tests.contracts.samples import find, list_held, make_document

DOCUMENTS = [make_document(f"{at:02}", text=f"lighthouse {at}", tags=("x",)) for at in range(20)]


async def open_small(place: Path) -> TantivyIndex:
    return await TantivyIndex.open(place, heap_bytes=15_000_000)


@pytest.fixture
async def built(tmp_path: Path) -> Path:
    """The directory of a closed index with a fingerprint."""
    index = await open_small(tmp_path)
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=DOCUMENTS))
    await rebuild.finish("v1")
    await index.close()
    return tmp_path


def copy_as_a_crash_would_leave_it(place: Path, copy: Path) -> None:
    def copy_file(source: str, target: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # Tantivy renames and removes files meanwhile
            shutil.copyfile(source, target)

    shutil.copytree(place, copy, copy_function=copy_file)


def generations(place: Path) -> list[str]:
    return sorted(path.name for path in (place / "generations").iterdir())


async def test_what_was_written_is_there_when_it_is_opened_again(built: Path) -> None:
    index = await open_small(built)
    await index.write(Batch(documents=(make_document("more", text="lighthouse"),), gone=("00",)))
    await index.close()
    index = await open_small(built)
    assert await index.fingerprint() == "v1"
    assert len(await find(index, "lighthouse", limit=100)) == 20
    assert set(await list_held(index)) == {document.id for document in DOCUMENTS[1:]} | {"more"}
    await index.close()


async def test_what_was_written_is_durable_without_closing(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    index = await open_small(built)
    await index.write(Batch(documents=(make_document("durable"),)))
    copy = tmp_path_factory.mktemp("copy") / "index"
    copy_as_a_crash_would_leave_it(built, copy)
    found = await open_small(copy)
    assert (await found.revisions(["durable"])) == {"durable": 1}
    await found.close()
    await index.close()


async def test_an_unfinished_rebuild_is_removed_and_the_old_one_serves(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    index = await open_small(built)
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=(make_document("half"),)))
    copy = tmp_path_factory.mktemp("copy") / "index"
    copy_as_a_crash_would_leave_it(built, copy)
    assert len(generations(copy)) == 2
    found = await open_small(copy)
    assert await found.fingerprint() == "v1"
    assert len(await list_held(found)) == 20
    assert len(generations(copy)) == 1
    await found.close()
    await index.close()
    assert len(generations(built)) == 1


async def test_a_second_rebuild_ends_the_first(built: Path) -> None:
    index = await open_small(built)
    first = await index.rebuild()
    second = await index.rebuild()
    with pytest.raises(IndexUnavailableError, match="over"):
        await first.write(Batch(documents=(make_document("a"),)))
    with pytest.raises(IndexUnavailableError, match="over"):
        await first.finish("v2")
    await second.write(Batch(documents=(make_document("b"),)))
    await second.finish("v3")
    assert await find(index) == ["b"]
    assert len(generations(built)) == 1
    await index.close()


@pytest.mark.parametrize("harm", ["cut", "noise", "gone", "meta", "pointer"])
async def test_a_damaged_index_is_put_away_for_an_empty_one_and_told(built: Path, harm: str) -> None:
    damage(built, harm)
    with capture_logs() as logs:
        index = await open_small(built)
    assert await index.fingerprint() is None
    assert await list_held(index) == {}
    assert harm == "pointer" or any("damaged" in line["event"] for line in logs)
    await index.write(Batch(documents=DOCUMENTS))
    assert len(await find(index, "lighthouse", limit=100)) == 20
    await index.close()
    assert len(generations(built)) == 1


def damage(place: Path, harm: str) -> None:
    directory = next((place / "generations").iterdir())
    segments = [path for path in directory.iterdir() if path.suffix in {".idx", ".store", ".fast", ".term"}]
    for path in segments:
        if harm == "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif harm == "noise":
            path.write_bytes(b"\x5a" * path.stat().st_size)
        elif harm == "gone":
            path.unlink()
    if harm == "meta":
        (directory / "meta.json").write_text("{")
    elif harm == "pointer":
        (place / "current.json").write_text('{"generation": "../..", "surprise": 1}')


async def test_an_index_of_another_format_is_built_anew(built: Path) -> None:
    pointer = json.loads((built / "current.json").read_text())
    (built / "current.json").write_text(json.dumps({**pointer, "format": pointer["format"] + 1}))
    index = await open_small(built)
    assert await index.fingerprint() is None
    assert await list_held(index) == {}
    await index.close()


async def test_a_second_one_in_the_same_process_is_refused_until_the_first_is_closed(built: Path) -> None:
    first = await open_small(built)
    with pytest.raises(IndexInUseError, match="open in another process"):
        await open_small(built)
    await first.close()
    await (await open_small(built)).close()


def _open_in_vain(place: str, answers: "multiprocessing.Queue[str]") -> None:
    try:
        TantivyIndex(Path(place))
    except IndexInUseError as error:
        answers.put(str(error))
    else:
        answers.put("opened")


async def test_another_process_is_refused_and_harms_nothing(built: Path) -> None:
    index = await open_small(built)
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    process = context.Process(target=_open_in_vain, args=(str(built), answers))
    process.start()
    answer = await asyncio.to_thread(answers.get, True, 30)
    await asyncio.to_thread(process.join)
    assert "open in another process" in answer
    await index.write(Batch(documents=(make_document("after"),)))
    assert len(await list_held(index)) == 21
    await index.close()


async def test_a_failed_write_is_told_as_unavailable_and_the_next_one_works(built: Path) -> None:
    index = await open_small(built)
    (generation,) = generations(built)
    intruder = tantivy.Index.open(str(built / "generations" / generation)).writer(15_000_000, 1)
    with pytest.raises(IndexUnavailableError):
        await index.write(Batch(documents=(make_document("lost"),)))
    del intruder
    assert await index.fingerprint() == "v1"
    assert len(await find(index, "lighthouse", limit=100)) == 20
    await index.write(Batch(documents=(make_document("kept"),)))
    assert await index.revisions(["kept"]) == {"kept": 1}
    await index.close()


async def test_a_search_that_takes_too_long_is_told_as_unavailable(tmp_path: Path) -> None:
    index = await TantivyIndex.open(tmp_path, heap_bytes=15_000_000, patience=0.0)
    with pytest.raises(IndexUnavailableError, match="more than 0 seconds"):
        await index.search(SearchRequest(sight=Sight(everything=True)))
    await index.close()


async def test_a_scan_goes_on_over_what_it_began_with(built: Path) -> None:
    index = await open_small(built)
    scan = index.scan()
    seen = [await anext(scan)]
    rebuild = await index.rebuild()
    await rebuild.finish("v2")
    seen += [row async for row in scan]
    assert len(seen) == 20
    await index.close()


async def test_searches_do_not_wait_for_those_who_ask_for_neighbours(tmp_path: Path) -> None:
    index = await TantivyIndex.open(tmp_path, heap_bytes=15_000_000, readers=1)
    words = [" ".join(f"w{(at * step) % 4_001}" for step in range(1, 4_000)) for at in range(1, 60)]
    await index.write(Batch(documents=[make_document(f"{at:02}", text=text) for at, text in enumerate(words)]))
    asked = [asyncio.create_task(index.similar(f"{at:02}", Sight(everything=True), 20)) for at in range(59)]
    await asyncio.sleep(0)
    assert (await index.search(SearchRequest(Sight(everything=True), "w7"))).total
    assert not all(task.done() for task in asked)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    await index.close()


def remove(place: Path, what: str) -> None:
    for found in [place] if what == "." else list(place.glob(what)):
        if found.is_dir():
            shutil.rmtree(found)
        else:
            found.unlink()


@pytest.mark.parametrize("removed", [".", "generations", "generations/*", "*"])
async def test_what_is_removed_while_it_is_open_is_begun_anew_to_be_rebuilt(built: Path, removed: str) -> None:
    index = await open_small(built)
    await index.write(Batch(documents=(make_document("more"),)))
    remove(built, removed)
    for _ in range(2):
        with pytest.raises(IndexRemovedError):
            await index.write(Batch(documents=(make_document("lost"),)))
    assert await index.fingerprint() is None
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=DOCUMENTS))
    await rebuild.finish("v2")
    assert await index.write(Batch(documents=(make_document("after", text="lighthouse"),))) == {}
    assert len(await find(index, "lighthouse", limit=100)) == 21
    with pytest.raises(IndexInUseError):
        await open_small(built)
    await index.close()
    index = await open_small(built)
    assert (await index.fingerprint(), len(await list_held(index))) == ("v2", 21)
    await index.close()


async def test_a_rebuild_begins_anew_what_was_removed(built: Path) -> None:
    index = await open_small(built)
    shutil.rmtree(built)
    rebuild = await index.rebuild()
    assert await index.fingerprint() is None
    await rebuild.write(Batch(documents=DOCUMENTS))
    await rebuild.finish("v2")
    assert len(await find(index, "lighthouse", limit=100)) == 20
    await index.close()


async def test_an_index_without_its_list_of_files_is_not_taken_for_whole(built: Path) -> None:
    remove(built, "generations/*/meta.json")
    index = await open_small(built)
    assert await index.fingerprint() is None
    await index.close()

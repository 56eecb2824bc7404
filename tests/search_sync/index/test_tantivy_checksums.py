"""No byte of an index can change without being noticed, at the start or by `verify`."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from search_sync.index.protocol import Batch, IndexDamagedError
from search_sync.index.tantivy import TantivyIndex
from search_sync.index.tantivy_checksums import check_files
from tests.contracts.samples import list_held, make_document

PARTS = [".del", ".fast", ".fieldnorm", ".idx", ".store", ".term"]


async def open_small(place: Path) -> TantivyIndex:
    return await TantivyIndex.open(place, heap_bytes=15_000_000)


async def fill(index: TantivyIndex) -> None:
    await index.write(Batch(documents=[make_document(f"{at}", text=f"lighthouse {at}") for at in range(20)]))
    await index.write(Batch(documents=[make_document("x", text="another")], gone=["3"]))


def flip(place: Path, part: str) -> None:
    """One bit in the middle of what such a file holds."""
    file = max((place / "generations").glob(f"*/*{part}"), key=lambda one: one.stat().st_size)
    content = bytearray(file.read_bytes())
    content[(len(content) - 90) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("part", PARTS)
async def test_a_flipped_bit_is_noticed_at_the_start_and_the_index_begun_anew(tmp_path: Path, part: str) -> None:
    index = await open_small(tmp_path)
    await fill(index)
    await index.close()
    flip(tmp_path, part)
    with capture_logs() as logs:
        again = await open_small(tmp_path)
    assert [log["event"] for log in logs] == ["search index damaged, starting an empty one"]
    assert part in logs[0]["reason"]
    assert await list_held(again) == {}
    await again.close()


async def test_a_scan_notices_what_was_flipped_while_the_index_is_open_until_it_is_built_anew(tmp_path: Path) -> None:
    index = await open_small(tmp_path)
    await fill(index)
    assert len(await list_held(index)) == 20
    flip(tmp_path, ".fieldnorm")
    with pytest.raises(IndexDamagedError, match=r"fieldnorm.*promptgraph reindex"):
        await list_held(index)
    rebuild = await index.rebuild()
    await rebuild.write(Batch(documents=[make_document("a")]))
    await rebuild.finish("v1")
    assert list(await list_held(index)) == ["a"]
    await index.close()


async def test_what_a_crash_left_half_written_is_no_damage(tmp_path: Path) -> None:
    index = await open_small(tmp_path)
    await fill(index)
    (place,) = (tmp_path / "generations").iterdir()
    (place / f"{'0' * 32}.store").write_bytes(b"half")
    check_files(place)
    await index.close()


@pytest.mark.parametrize("listed", ["{", "[]", '{"segments": [{}]}', '{"segments": 1}', "\udcff"])
def test_a_list_of_files_that_makes_no_sense_is_damage(tmp_path: Path, listed: str) -> None:
    (tmp_path / "meta.json").write_text(listed, "utf-8", "surrogateescape")
    with pytest.raises(IndexDamagedError, match=r"meta\.json"):
        check_files(tmp_path)

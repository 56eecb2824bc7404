import os
from pathlib import Path

import pytest

from graph.exchange.entries import UnusableFileError
from graph.exchange.folders import Folder, RefusedPathError


def found(path: Path, depth: int = 10) -> dict[str, str | None]:
    with Folder(path) as folder:
        return {"/".join(one.parts): one.fault for one in folder.find(".md", depth)}


def test_files_are_found_in_order_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    for name in ("b.md", "a/x.MD", "a/y.txt", ".git/z.md", ".w.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert list(found(tmp_path)) == ["a/x.MD", "b.md"]


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside)
    faults = found(inside)
    assert set(faults) == {"file.md", "folder"}
    assert all(fault and "link" in fault for fault in faults.values())


def test_a_pipe_is_told_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert found(tmp_path) == {"pipe.md": "This is no regular file."}
    with Folder(tmp_path) as folder, pytest.raises(RefusedPathError):
        folder.read(("pipe.md",), 100)


def test_folders_beyond_the_depth_are_told(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert found(tmp_path, depth=2) == {"a/b/c": "This folder is deeper than 2 levels."}


def test_a_link_that_took_a_files_place_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.md").symlink_to(tmp_path / "secret")
    (tmp_path / "in/up").symlink_to(tmp_path)
    with Folder(tmp_path / "in") as folder:
        for parts in (("a.md",), ("up", "secret")):
            with pytest.raises(RefusedPathError):
                folder.read(parts, 100)


def test_a_file_over_the_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("12345")
    with Folder(tmp_path) as folder:
        assert folder.read(("a.md",), 5) == b"12345"
        with pytest.raises(RefusedPathError):
            folder.read(("a.md",), 4)


def test_writing_makes_folders_and_leaves_equal_files_alone(tmp_path: Path) -> None:
    with Folder(tmp_path / "new", make=True) as folder:
        assert folder.write(("a", "b.md"), b"x")
        before = (tmp_path / "new/a/b.md").stat().st_ino
        assert not folder.write(("a", "b.md"), b"x")
        assert (tmp_path / "new/a/b.md").stat().st_ino == before
        assert folder.write(("a", "b.md"), b"y")
    assert (tmp_path / "new/a/b.md").read_bytes() == b"y"
    assert [path.name for path in (tmp_path / "new/a").iterdir()] == ["b.md"]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.md").write_text("mine")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.md").symlink_to(outside / "a.md")
    (inside / "folder").symlink_to(outside)
    (inside / "b.md").mkdir()
    with Folder(inside) as folder:
        for parts in (("a.md",), ("folder", "a.md"), ("b.md",)):
            with pytest.raises(RefusedPathError):
                folder.write(parts, b"x")
    assert (outside / "a.md").read_text() == "mine"
    assert list(outside.iterdir()) == [outside / "a.md"]


def test_a_folder_that_is_not_there_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError):
        Folder(tmp_path / "none")

import os
from pathlib import Path

import pytest

from graph.exchange.entries import UnusableFileError
from graph.exchange.writing import new_file


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with new_file(path) as file:
        file.write("né\r\nw\n")
        assert path.read_text() == "old"
    assert path.read_bytes() == "né\r\nw\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), new_file(path) as file:
        file.write(str(1 / 0))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_links_folders_and_special_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "link", tmp_path / "pipe", tmp_path / "none" / "a.jsonl"):
        with pytest.raises(UnusableFileError), new_file(path):
            pass
    assert (tmp_path / "target").read_text() == "mine"

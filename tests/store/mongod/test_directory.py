import os
import stat
from pathlib import Path

import pytest

from graph.store.mongod.directory import DataDirectory, make_uri, prepare_directory
from graph.store.mongod.errors import DataDirectoryError


def test_a_new_directory_is_closed_to_everybody_else(tmp_path: Path) -> None:
    directory = prepare_directory(tmp_path / "a" / "b")
    assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700


def test_one_that_has_been_opened_is_closed_again(tmp_path: Path) -> None:
    prepare_directory(tmp_path / "data").path.chmod(0o755)
    assert stat.S_IMODE(prepare_directory(tmp_path / "data").path.stat().st_mode) == 0o700


def test_a_directory_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(DataDirectoryError, match="Name an empty or a new one"):
        prepare_directory(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(DataDirectoryError, match="belongs to another user"):
        prepare_directory(tmp_path)


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(DataDirectoryError, match="cannot be used: File exists"):
        prepare_directory(tmp_path / "data")


@pytest.mark.parametrize("length", [1, 90, 250])
def test_the_socket_s_path_always_fits_into_an_address(tmp_path: Path, length: int) -> None:
    directory = DataDirectory(tmp_path / ("x" * length))
    directory.path.mkdir()
    with directory.open_socket_path() as path:
        assert len(os.fsencode(path)) <= 107
        assert Path(path).parent.resolve() == directory.path.resolve()


def test_a_uri_is_quoted() -> None:
    assert make_uri("/a b/ü%.sock") == "mongodb://%2Fa%20b%2F%C3%BC%25.sock/?directConnection=true"

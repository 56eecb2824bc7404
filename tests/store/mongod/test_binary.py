from pathlib import Path

import pytest

from graph.store.mongod.binary import explain_missing_library, find_mongod
from graph.store.mongod.errors import MongodMissingError


def test_a_mongod_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mongod"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod() == program


def test_without_one_the_installed_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod().parts[-4:] == ("fiftyone", "db", "bin", "mongod")


def test_without_any_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(MongodMissingError) as caught:
        find_mongod()
    for remedy in ("promptgraph[standalone]", "PROMPTGRAPH_MONGODB_URL", "docker compose"):
        assert remedy in str(caught.value)


def test_a_library_that_is_missing_is_told_with_its_package() -> None:
    output = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file"
    assert "sudo apt-get install -y libcurl4" in (explain_missing_library(output) or "")


def test_other_complaints_are_not_taken_for_a_missing_library() -> None:
    assert explain_missing_library("Error: data directory not found") is None

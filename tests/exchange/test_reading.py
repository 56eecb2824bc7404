import os
from pathlib import Path

import pytest

from graph.domain.limits import Limits
from graph.exchange.entries import UnusableFileError
from graph.exchange.limits import ExchangeLimits
from graph.exchange.reading import read_path

LIMITS = Limits()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "act,prompt\na,b\n"),
        ("a.JSON", '[{"name":"a","text":"b"}]'),
        ("a.jsonl", '{"name":"a","text":"b"}\n'),
        ("a.ndjson", '{"name":"a","text":"b"}\n'),
        ("folder/a.md", "b"),
    ],
)
def test_the_path_tells_the_format(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    reading = read_path(path if path.parent == tmp_path else path.parent, LIMITS, ExchangeLimits())
    assert reading.count == 1
    assert [entry.name for entry in reading.entries] == ["a"]


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl", "a.zip", "a.tar.gz", "a"])
def test_what_is_not_there_or_of_no_known_kind_is_unusable(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnusableFileError):
        read_path(tmp_path / name, LIMITS, ExchangeLimits())


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / f"pipe.{kind}")
    with pytest.raises(UnusableFileError, match="no regular file"):
        read_path(tmp_path / f"pipe.{kind}", LIMITS, ExchangeLimits())


def test_a_file_over_the_bound_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("act,prompt\n" + "x" * 100)
    with pytest.raises(UnusableFileError, match="more than 50 bytes"):
        read_path(tmp_path / "a.csv", LIMITS, ExchangeLimits(file_bytes=50))

import io
from typing import Any

import pytest

from graph.domain.limits import Limits
from graph.exchange.entries import Entry, History, Refused, Snapshot, UnusableFileError
from graph.exchange.json_lines import read_array, read_lines
from graph.exchange.limits import ExchangeLimits

LIMITS = Limits()
HISTORY = (
    b'{"name":"h","createdAt":"2026-01-30T12:00:00Z","updatedAt":"2026-01-30T12:00:00Z","versions":'
    b'[{"number":1,"template":{"text":"x"},"createdAt":"2026-01-30T12:00:00Z"}]}'
)


def lines_of(data: bytes, **bounds: Any) -> list[Entry]:
    return list(read_lines(io.BytesIO(data), LIMITS, ExchangeLimits(**bounds)))


def test_lines_hold_histories_and_simple_objects_and_blank_lines_are_passed_over() -> None:
    history, simple = lines_of(b"\xef\xbb\xbf" + HISTORY + b'\n\n{"name":"s","text":"y"}\r\n')
    assert isinstance(history, History)
    assert isinstance(simple, Snapshot)
    assert simple.place == "line 3"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "no JSON"),
        (b"[1]", "must be an object"),
        (b'{"name":"a","text":"b"} x', "Something follows"),
        (b'{"name":"a","name":"b","text":"c"}', "'name' is there twice"),
        (b'{"name":"a","text":"b","metadata":{"x":NaN}}', "NaN is no JSON number"),
        (b'{"name":"a","text":"\xff"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"name":"a","text":"b","metadata":{"x":' + b"9" * 5_000 + b"}}", "cannot be read"),
        (b'{"name":"a","text":"' + b"x" * 300 + b'"}', "more than 200 bytes"),
    ],
)
def test_a_bad_line_is_refused_and_the_others_are_read(line: bytes, reason: str) -> None:
    bounds = {"line_bytes": 200} if b"xxx" in line else {}
    first, bad, last = lines_of(b'{"name":"first","text":"x"}\n' + line + b'\n{"name":"last","text":"x"}', **bounds)
    assert isinstance(bad, Refused)
    assert bad.place == "line 2"
    assert reason in bad.reason
    assert (first.name, last.name) == ("first", "last")


def test_an_array_tells_item_and_line() -> None:
    first, second, third = read_array(b'[\n{"name":"a","text":"x"},\n\n{"name":"b"},' + HISTORY + b"]\n", LIMITS)
    assert (first.place, second.place, third.place) == ("item 1, line 2", "item 2, line 4", "item 3, line 4")
    assert isinstance(second, Refused)
    assert isinstance(third, History)


def test_a_file_may_be_one_object_or_an_empty_array() -> None:
    assert len(read_array(b' {"name":"a","text":"x"} ', LIMITS)) == 1
    assert read_array(b" [ ] ", LIMITS) == []


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "no JSON"),
        (b'[{"name":"a","text":"x"},\n]', 2, "no JSON"),
        (b'[{"name":"a","text":"x"}\n{"name":"b"}]', 2, "comma"),
        (b'[{"name":"a","text":"x"}\n', 2, "comma"),
        (b'{"name":"a"}\n{"name":"b"}', 2, ".jsonl"),
        (b'[{"name":"a"},\n\n{"name":\xff}]', 3, "not UTF-8"),
        (b'[{"name":"a"},\n{"name":"\0"}]', 2, "NUL"),
        (b"[" * 100_000, 1, "nested too deep"),
    ],
)
def test_a_broken_array_is_unusable_and_the_line_is_told(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(UnusableFileError) as error:
        read_array(data, LIMITS)
    assert str(error.value).startswith(f"line {line}: ")
    assert reason in str(error.value)

"""Events are whole whatever the chunks that they come in, and to the letter."""

import time

from hypothesis import given
from hypothesis import strategies as st

from graph.upstream.events import EventCutter, read_event, with_data

LINES = st.lists(st.sampled_from([b"data: {}", b"event: x", b": ping", b'data: {"a": 1}', b"id: 1"]), min_size=1)


@given(st.lists(LINES), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(1, 40)), st.binary(max_size=5))
def test_cutting_changes_no_byte_and_parts_at_empty_lines_only(
    events: list[list[bytes]], end: bytes, sizes: list[int], tail: bytes
) -> None:
    tail = tail.replace(b"\n", b"").replace(b"\r", b"")
    wholes = [end.join(lines) + end + end for lines in events]
    stream = b"".join(wholes) + tail
    cutter, told, start = EventCutter(1 << 20), [], 0
    for size in [*sizes, len(stream)]:
        told += cutter.feed(stream[start : start + size])
        start += size
    assert told == wholes
    assert cutter.rest() == tail
    assert cutter.rest() == b""


def test_what_never_ends_is_not_held() -> None:
    cutter = EventCutter(10)
    assert cutter.feed(b"x" * 11) == [b"x" * 11]
    assert cutter.rest() == b""


def test_an_event_of_many_chunks_takes_no_longer_than_its_length() -> None:
    cutter, event = EventCutter(1 << 30), b"data: " + b"x" * (8 << 20) + b"\n\n"
    started = time.process_time()
    told = [whole for start in range(0, len(event), 4_096) for whole in cutter.feed(event[start : start + 4_096])]
    assert time.process_time() - started < 5  # 0.1; when every chunk is searched from the beginning: 60
    assert told == [event]


def test_an_event_is_read_where_it_is_an_object() -> None:
    assert read_event(b'event: e\r\ndata: {"a":\r\ndata: 1}\r\n\r\n') == {"a": 1}
    assert read_event(b"data: [DONE]\n\n") is None
    assert read_event(b": ping\n\n") is None
    assert read_event(b"data: " + b"[" * 100_000 + b"\n\n") is None


def test_an_event_is_given_other_data_and_keeps_the_rest() -> None:
    assert with_data(b"event: e\nid: 1\ndata: {}\n\n", b"5") == b"event: e\nid: 1\ndata: 5\n\n"
    assert with_data(b"event: e\r\ndata: {}\r\n\r\n", b"5") == b"event: e\r\ndata: 5\r\n\r\n"
    assert with_data(b"data: 1\ndata: 2\nid: 1\n\n", b"\\1") == b"data: \\1\nid: 1\n\n"
    assert with_data(b"data:1", b"5") == b"data: 5"

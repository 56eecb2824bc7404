"""JSON lines, one prompt a line, and `.json`: one array of prompts, or one prompt.

What has `versions` is a history (`history.py`), anything else a simple object (`simple_json.py`). In JSON lines
a line that cannot be read is refused and the others go on; a `.json` file is read whole before anything is imported.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any, BinaryIO, NoReturn

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.exchange.entries import Entry, Refused, UnusableFileError, refuse
from graph.exchange.history import history_from_json
from graph.exchange.limits import ExchangeLimits
from graph.exchange.simple_json import read_simple
from graph.exchange.text import BOM, decode, refuse_nul

_SPACE = re.compile(r"[ \t\r\n]*")


def read_lines(file: BinaryIO, limits: Limits, bounds: ExchangeLimits) -> Iterator[Entry]:
    """Each line that is not blank as an entry, read as it is asked for; closes the file."""
    with file:
        for number in count(1):
            line = file.readline(bounds.line_bytes + 1)
            if not line:
                return
            if len(line) > bounds.line_bytes and not line.endswith(b"\n"):
                yield Refused(f"line {number}", f"The line has more than {bounds.line_bytes} bytes.")
                _skip_line(file, bounds)
            elif line.strip():
                yield _read_line(f"line {number}", line, limits)


def _skip_line(file: BinaryIO, bounds: ExchangeLimits) -> None:
    while (rest := file.readline(bounds.line_bytes)) and not rest.endswith(b"\n"):
        pass


def _read_line(place: str, line: bytes, limits: Limits) -> Entry:
    try:
        value, _ = _decode_value(line.decode("utf-8").removeprefix(BOM).strip(), 0, ends=True)
    except UnicodeDecodeError:
        return Refused(place, "This is not UTF-8.")
    except InvalidInputError as error:
        return refuse(place, error)
    return _read_value(place, value, limits)


def read_array(data: bytes, limits: Limits) -> list[Entry]:
    """Each prompt of the array. Raises UnusableFileError with the line where the JSON is broken."""
    text = decode(data)
    refuse_nul(text)
    items = enumerate(read_items(text), start=1)
    return [_read_value(f"item {number}, {place}", value, limits) for number, (place, value) in items]


def read_items(text: str) -> Iterator[tuple[str, Any]]:
    """The items of the array that `text` is, with the lines they begin on; or the one object that it is.

    Raises UnusableFileError with the line where the JSON is broken.
    """
    scanner = _Scanner(text)
    if not scanner.take("["):
        yield scanner.place(), scanner.value()
    elif not scanner.take("]"):
        yield scanner.place(), scanner.value()
        while scanner.take(","):
            yield scanner.place(), scanner.value()
        if not scanner.take("]"):
            raise UnusableFileError(
                f"{scanner.place()}: Between two items there must be a comma, after the last a `]`."
            )
    if not scanner.is_at_end():
        raise UnusableFileError(
            f"{scanner.place()}: Something follows the end. A file of one object a line is named .jsonl."
        )


class _Scanner:
    """A place in a text that is JSON, past white space."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._counted = 1, 0
        self._move(0)

    def _move(self, position: int) -> None:
        match = _SPACE.match(self._text, position)
        self._position = match.end() if match else position

    def place(self) -> str:
        self._line += self._text.count("\n", self._counted, self._position)
        self._counted = self._position
        return f"line {self._line}"

    def take(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._position)
        if found:
            self._move(self._position + len(mark))
        return found

    def value(self) -> Any:
        place = self.place()
        try:
            value, end = _decode_value(self._text, self._position)
        except InvalidInputError as error:
            raise UnusableFileError(f"{place}: {error.message}") from None
        self._move(end)
        return value

    def is_at_end(self) -> bool:
        return self._position == len(self._text)


def _decode_value(text: str, position: int, ends: bool = False) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"This is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InvalidInputError(f"This JSON cannot be read: {reason}.") from None
    if ends and end != len(text):
        raise InvalidInputError(f"Something follows the object at column {end + 1}.")
    return value, end


def _read_value(place: str, value: Any, limits: Limits) -> Entry:
    name = value.get("name") if isinstance(value, dict) else None
    try:
        is_history = isinstance(value, dict) and "versions" in value
        return history_from_json(value, place) if is_history else read_simple(value, place, limits)
    except InvalidInputError as error:
        return refuse(place, error, name if isinstance(name, str) else None)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise ValueError(f"the key {counts.most_common(1)[0][0][:60]!r} is there twice")
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object_of, parse_constant=_refuse_constant)

"""JSON objects read key by key, each with its type; an error names the key's path."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject, text_fault

T = TypeVar("T")
Path = tuple[str, ...]

_KINDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


class Fields:
    """One object. Each key is asked for once; `finish` refuses what nobody asked for. null is as good as absent."""

    def __init__(self, value: Any, path: Path = ()) -> None:
        self._left: dict[str, Any] = dict(_of_kind(value, dict, path))
        self.path = path

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def peek(self, key: str) -> Any:
        """The value as it is, still to be asked for."""
        return self._left.get(key)

    def optional(self, key: str, kind: type[T]) -> T | None:
        """The value, or None."""
        value = self._left.pop(key, None)
        return None if value is None else _of_kind(value, kind, (*self.path, key))

    def required(self, key: str, kind: type[T]) -> T:
        """The value. Raises InvalidInputError when it is absent."""
        value = self.optional(key, kind)
        if value is None:
            raise InvalidInputError("This is missing.", (*self.path, key))
        return value

    def number(self, key: str) -> float | None:
        """A number, whole or not, as it is written."""
        value = self._left.get(key)
        kind = int if isinstance(value, int) and not isinstance(value, bool) else float
        return self.optional(key, kind)

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts; absent, the empty one."""
        items = self.optional(key, list) or []
        return tuple(_of_kind(item, str, (*self.path, key, str(index))) for index, item in enumerate(items))

    def objects(self, key: str) -> Iterator["Fields"]:
        """A list of objects; absent, the empty one."""
        for index, item in enumerate(self.optional(key, list) or []):
            yield Fields(item, (*self.path, key, str(index)))

    def child(self, key: str) -> "Fields | None":
        """An object in the object."""
        value = self.optional(key, dict)
        return None if value is None else Fields(value, (*self.path, key))

    def json(self, key: str) -> JSONObject | None:
        """An object that is kept as it is."""
        value: JSONObject | None = self.optional(key, dict)
        return value

    def time(self, key: str) -> datetime:
        """A time with its offset, to the millisecond."""
        return read_time(self.required(key, str), (*self.path, key))

    def optional_time(self, key: str) -> datetime | None:
        """As `time`, or None."""
        value = self.optional(key, str)
        return None if value is None else read_time(value, (*self.path, key))

    def left(self) -> list[str]:
        """The keys that nobody asked for."""
        return list(self._left)

    def finish(self) -> None:
        """Raises InvalidInputError for keys that nobody asked for: a slip must not be lost in silence."""
        for key in self._left:
            raise InvalidInputError(f"There is no such key here: {key[:60]!r}.", self.path)


def _of_kind(value: Any, kind: type[T], path: Path) -> T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind in (int, float)):
        raise InvalidInputError(
            f"This must be {_KINDS[kind]}; it is {_KINDS.get(type(value), 'something else')}.", path
        )
    if isinstance(value, str) and (fault := text_fault(value)):
        raise InvalidInputError(f"The text {fault}.", path)
    return value


def read_time(text: str, path: Path) -> datetime:
    """The time in UTC. Raises InvalidInputError for one without an offset."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError
        time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInputError("A time is written as 2026-01-30T12:00:00.000Z, with its offset.", path) from None
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def write_time(time: datetime) -> str:
    """`2026-01-30T12:00:00.000Z`."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

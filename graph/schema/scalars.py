"""The scalars of our own: DateTime, JSONObject and VariableValues."""

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

JSONObject = NewType("JSONObject", dict)  # type: ignore[type-arg]  # Strawberry looks the class up by identity
VariableValues = NewType("VariableValues", dict)  # type: ignore[type-arg]  # as above

NO_VALUES = VariableValues({})


def write_datetime(value: datetime) -> str:
    """The instant in UTC with milliseconds, always written the same: `2026-08-01T12:00:00.000Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_datetime(text: Any) -> datetime:
    """The instant that a caller wrote, in UTC. An offset is required."""
    try:
        value = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise GraphQLError("A DateTime is written as in RFC 3339: 2026-08-01T12:00:00.000Z.") from None
    if value.tzinfo is None:
        raise GraphQLError("A DateTime needs an offset, such as Z or +02:00.")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise GraphQLError("A DateTime lies in the years 1 to 9999 of UTC.") from None


def read_object(value: Any) -> dict[str, Any]:
    """The JSON object that a caller gave; nothing else will do."""
    if not isinstance(value, dict):
        raise GraphQLError("This must be a JSON object.")
    return value


def _as_it_is(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An RFC 3339 instant with offset, always written in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=write_datetime,
        parse_value=read_datetime,
    ),
    JSONObject: strawberry.scalar(
        name="JSONObject",
        description="A JSON object of the caller's own, kept and returned unchanged.",
        serialize=_as_it_is,
        parse_value=read_object,
    ),
    VariableValues: strawberry.scalar(
        name="VariableValues",
        description="A JSON object: variable name to value. Values are strings, numbers, booleans, lists or objects, "
        "as the variable's type says.",
        serialize=_as_it_is,
        parse_value=read_object,
    ),
}

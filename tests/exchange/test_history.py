import json
from typing import Any

import pytest
from hypothesis import given, settings

from graph.domain.errors import InvalidInputError
from graph.exchange.entries import History
from graph.exchange.history import history_from_json, history_to_line
from tests.exchange.strategies import histories

AT = "2026-01-30T12:00:00.000Z"


def line_with(**changes: Any) -> dict[str, Any]:
    """A smallest history, with some keys as given; a key given as `...` is left out."""
    version = {"number": 1, "template": {"text": "Hi"}, "createdAt": AT}
    line = {"promptgraph": 1, "name": "a/b", "createdAt": AT, "updatedAt": AT, "versions": [version], **changes}
    return {key: value for key, value in line.items() if value is not ...}


@settings(max_examples=60, deadline=None)
@given(histories())
def test_what_is_written_is_read_back_as_it_was(history: History) -> None:
    line = history_to_line(history)
    assert line.count("\n") == 1
    assert history_from_json(json.loads(line), "line 1") == history


def test_what_is_not_said_has_a_default() -> None:
    history = history_from_json(line_with(), "line 1")
    assert (history.prompt.title, history.prompt.tags, history.prompt.author) == ("b", (), None)


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({"promptgraph": 2}, "promptgraph", "Update"),
        ({"name": ...}, "name", "missing"),
        ({"name": 5}, "name", "must be text"),
        ({"name": "\ud800"}, "name", "lone surrogate"),
        ({"tags": "x"}, "tags", "a list"),
        ({"tags": [1]}, "tags.0", "text"),
        ({"metadata": []}, "metadata", "an object"),
        ({"visibility": "secret"}, "visibility", "public or private"),
        ({"createdAt": "yesterday"}, "createdAt", "2026-01-30T12:00:00.000Z"),
        ({"createdAt": "2026-01-30T12:00:00"}, "createdAt", "offset"),
        ({"createdAt": "0001-01-01T00:00:00+14:00"}, "createdAt", "offset"),
        ({"author": {"kind": "ghost", "handle": "x"}}, "author.kind", "user or service"),
        ({"versions": []}, "versions", "from 1"),
        ({"versions": [{"number": 2, "template": {"text": "x"}, "createdAt": AT}]}, "versions", "without a gap"),
        ({"versions": [{"number": True, "template": {"text": "x"}, "createdAt": AT}]}, "versions.0.number", "whole"),
        ({"versions": [{"number": 1, "createdAt": AT}]}, "versions.0.template", "missing"),
        ({"versions": [{"number": 1, "template": {}, "createdAt": AT}]}, "versions.0.template", "one of the two"),
        ({"versions": ["x"]}, "versions.0", "an object"),
        ({"labels": [{"name": "x", "version": 2, "movedAt": AT}]}, "labels", "no version"),
        ({"colour": "red"}, "", "no such key"),
    ],
)
def test_another_shape_is_refused_with_the_path_to_it(changes: dict[str, Any], path: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        history_from_json(line_with(**changes), "line 1")
    assert ".".join(error.value.path or ()) == path
    assert reason in error.value.message


def test_times_are_read_to_the_millisecond_in_utc() -> None:
    history = history_from_json(line_with(createdAt="2026-01-30T14:00:00.123999+02:00"), "line 1")
    assert history.prompt.created_at.isoformat() == "2026-01-30T12:00:00.123000+00:00"

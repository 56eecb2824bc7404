from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from graph.domain.errors import InvalidInputError
from graph.exchange.front_matter import dump_yaml, load_yaml
from tests.exchange.strategies import json_objects

BILLION_LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@settings(max_examples=300, deadline=None)
@given(json_objects)
def test_what_is_dumped_is_loaded_as_it_was_and_by_any_other_reader_too(value: dict[str, Any]) -> None:
    text = dump_yaml(value)
    assert repr(load_yaml(text, 64)) == repr(value)
    assert repr(yaml.safe_load(text)) == repr(value)


def test_plain_words_are_what_they_look_like() -> None:
    loaded = load_yaml("a: no\nb: 2026-01-30\nc: 12:30\nd: 0x1f\ne: 010\nf: 1_000\ng: on\nh: =\n<<: {x: 1}\n", 64)
    assert loaded == {
        **{"a": "no", "b": "2026-01-30", "c": "12:30", "d": "0x1f", "e": "010", "f": "1_000", "g": "on", "h": "="},
        "<<": {"x": 1},
    }


def test_numbers_booleans_and_null_are_read() -> None:
    loaded = load_yaml("a: 1\nb: -2.5\nc: true\nd:\ne: ~\nf: '1'\n", 64)
    assert repr(loaded) == repr({"a": 1, "b": -2.5, "c": True, "d": None, "e": None, "f": "1"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BILLION_LAUGHS, "Anchors and aliases"),
        ("a: *x\n", "Anchors and aliases"),
        ("a: &x 1\n", "Anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", "Tags"),
        ("a: !!timestamp 2026-01-30\n", "Tags"),
        ("a: !!set {x, y}\n", "Tags"),
        ("a: 1\nb: 2\na: 3\n", "'a' is there twice (line 3"),
        ("1: x\n", "A key is text"),
        ("? [a]\n: x\n", "A key is text"),
        ("a: 1\n--- \nb: 2\n", "second document"),
        ("a: [1\n", "no YAML at line"),
        ("a: \x01\n", "no YAML"),
        ("a: " + "[" * 65 + "]" * 65, "deeper than 64"),
        ("[" * 200_000, "deeper than 64"),
    ],
)
def test_anything_but_plain_yaml_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        load_yaml(text, 64)
    assert reason in error.value.message

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.json_values import canonical_json, compact_json, json_fault, write_json

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(values)
def test_both_texts_read_back_as_the_value(value: Any) -> None:
    assert json.loads(canonical_json(value)) == json.loads(compact_json(value)) == value


def test_the_canonical_text_sorts_keys_and_the_compact_one_keeps_their_order() -> None:
    value = {"b": 1, "a": ["é", {"d": 1, "c": 2}]}
    assert canonical_json(value) == '{"a":["é",{"c":2,"d":1}],"b":1}'
    assert compact_json(value) == '{"b":1,"a":["é",{"d":1,"c":2}]}'


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"a": "\ud800"}, "lone surrogate"),
        ({"\udfff": 1}, "lone surrogate"),
        ({"a\0b": 1}, "NUL"),
        ({1: 1}, "not a string"),
        ([2**63], "beyond 64 bits"),
        ([-(2**63) - 1], "beyond 64 bits"),
        (float("inf"), "not finite"),
        ([float("nan")], "not finite"),
        ({"a": {1, 2}}, "not JSON"),
        (b"", "not JSON"),
    ],
)
def test_what_cannot_be_given_back_unchanged_is_told(value: Any, fault: str) -> None:
    assert fault in (json_fault(value, 32) or "")


@pytest.mark.parametrize(
    "value", [None, True, "", "a\0b", 2**63 - 1, -(2**63), 0.5, {"$set": {"a.b": []}, "__proto__": "😀"}]
)
def test_what_can_be_has_no_fault(value: Any) -> None:
    assert json_fault(value, 32) is None


def test_depth_is_bounded_without_recursion() -> None:
    value: Any = []
    for _ in range(100_000):
        value = {"a": [value]}
    assert json_fault(value, 32) == "is nested deeper than 32 levels"
    assert json_fault([[[]]], 3) is None
    assert json_fault([[[]]], 2) is not None


@given(st.recursive(st.none() | st.integers(-(2**70), 2**70) | st.text(), st.lists, max_leaves=8))
def test_what_is_written_quickly_says_what_is_written_plainly(value: object) -> None:
    assert json.loads(write_json(value)) == json.loads(compact_json(value))

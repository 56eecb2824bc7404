"""Whatever stands in a file, each importer tells of it: none falls over, which would stop the files behind it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.limits import Limits
from graph.exchange.entries import UnusableFileError
from graph.exchange.formats import KINDS, Kind, find_kind
from graph.exchange.front_matter import dump_yaml
from tests.exchange.sources import source_of

FUNCTION = {
    "name": "find",
    "description": "Finds",
    "strict": True,
    "kind": "function",
    "type": "function",
    "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
}
PROPERTY = {"name": "name", "kind": "string", "description": "Who", "default": "Ada", "required": True, "items": {}}
HEADS: list[dict[str, Any]] = [
    {
        "name": "Greet",
        "description": "Greets",
        "model": "some",
        "config": {"temperature": 1, "stopSequences": ["x"], "nested": {"a": 1}},
        "input": {
            "schema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
            "default": {"name": "Ada"},
        },
        "output": {"format": "json", "schema": {"found?": "string, what", "all(array)": "integer", "(*)": "any"}},
        "toolDefs": [{**FUNCTION, "inputSchema": {"q": "string"}}],
        "tools": ["find"],
        "metadata": {"apiKey": "x"},
    },
    {
        "name": "Greet",
        "authors": ["Ada"],
        "tags": ["a"],
        "model": {
            "id": "some",
            "api": "chat",
            "provider": "p",
            "connection": {"key": "x"},
            "configuration": {"type": "openai", "name": "m"},
            "parameters": {"temperature": 1, "max_tokens": 3, "response_format": {"type": "json_object"}},
            "options": {"topP": 1, "additionalProperties": {"seed": 1}},
        },
        "inputs": [PROPERTY, {**PROPERTY, "name": "other", "kind": "object", "properties": [PROPERTY]}],
        "outputs": {"properties": {"found": {"type": "array", "items": {"kind": "string", "enumValues": ["a"]}}}},
        "sample": {"name": "Ada"},
        "tools": [{**FUNCTION, "parameters": [PROPERTY]}, {"name": "m", "kind": "mcp", "connection": {"apiKey": "x"}}],
        "template": {"format": {"kind": "jinja2"}, "parser": {"kind": "prompty"}},
    },
    {
        "model": "some",
        "temperature": 0.5,
        "max_tokens": -1,
        "stop": ["a"],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
        "provider": "openai",
        "endpoint": "chat",
        "tools": [FUNCTION, {"type": "function", "function": FUNCTION}],
        "tool_choice": {"type": "function", "function": {"name": "find"}},
        "input": {"schema": {"name": "string", "n?": "integer"}, "default": {"n": 1}},
        "output": {"format": "text", "schema": {"found": "string"}},
    },
    {"title": "t", "tags": ["a"], "chat": [{"role": "user", "content": "x"}], "variables": [{"name": "name"}]},
]
ITEMS: list[dict[str, Any]] = [
    {"id": "1", "title": "t", "text": "{{x::list-a}}", "folder": "f", "tags": ["a"], "lastChanged": 1},
    {
        "name": "a",
        "type": "chat",
        "prompt": [{"role": "user", "content": "{{x}}"}, {"type": "placeholder", "name": "h"}],
        "config": {"model": "m", "tools": [FUNCTION]},
        "labels": ["production"],
        "tags": ["t"],
        "version": 2,
        "createdAt": "2026-01-30T12:00:00Z",
        "commitMessage": "why",
    },
    {"name": "a", "title": "t", "prompt": "text", "tags": ["a"], "metadata": {"a": 1}},
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "string", "string, why", "object", "array", "a?", "\n", "${env:X}", "n" * 300])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "type", "x?", "items(array)", "", "role", "properties"]), inner)
    ),
    max_leaves=6,
)
PIECES = [
    *(
        "{{name}}",
        "{{ name ",
        "}}",
        "{{role 'user'}}",
        "{{history}}",
        "{{#if x}}",
        "{{/if}}",
        "{{> part}}",
        "{{!-- a --}}",
    ),
    *("{% if x %}", "{% endif %}", "{# a #}", "{{ a.b }}", "{{{{raw}}}}", "![x](y)", "\n---\n", "\\", "\n", "text"),
    *("\nsystem:\n", "\nuser:", "\nUser: ", "\nassistant[name=x]:", "<user>", "</user>", "<tool name='x'>", "</tool>"),
    "<image url='x'/>",
]
BODIES = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to everything in a value."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


@st.composite
def spoiled(draw: st.DrawFn, samples: list[dict[str, Any]]) -> Any:
    """A sample with something else in one or two places."""
    value = deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 2))):
        *above, last = draw(st.sampled_from(list(places(value))))
        inner = value
        for key in above:
            inner = inner[key]
        inner[last] = draw(VALUES)
    return value


def read(kind: Kind, text: str) -> None:
    source = source_of(text, "folder/file" + kind.suffix)
    for form in (kind.form, None):
        with suppress(UnusableFileError):
            list(find_kind(source, form).read([source], Limits()))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.is_one_prompt], ids=lambda kind: kind.form)
@given(head=spoiled(HEADS), body=BODIES)
def test_any_front_matter_and_text_is_read_or_refused(kind: Kind, head: dict[str, Any], body: str) -> None:
    read(kind, f"---\n{dump_yaml(head)}---\n{body}")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.suffix == ".json"], ids=lambda kind: kind.form)
@given(items=st.lists(spoiled(ITEMS) | VALUES, max_size=3))
def test_any_array_is_read_or_refused(kind: Kind, items: list[Any]) -> None:
    read(kind, json.dumps(items))

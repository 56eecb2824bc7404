"""What is written for chats is understood by the responses endpoint, and groups of options are merged."""

from typing import Any

import pytest

from graph.domain.templates import ModelSettings
from graph.operations.model_requests import complete_body
from graph.operations.response_options import merge_options, response_options
from graph.upstream.protocol import Endpoint

SCHEMA = {"name": "n", "schema": {"type": "object"}, "strict": True}


@pytest.mark.parametrize(
    ("extra", "options"),
    [
        ({"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
        (
            {"reasoning_effort": "low", "reasoning": {"summary": "auto"}},
            {"reasoning": {"effort": "low", "summary": "auto"}},
        ),
        ({"reasoning_effort": "low", "reasoning": {"effort": "high"}}, {"reasoning": {"effort": "high"}}),
        ({"verbosity": "low"}, {"text": {"verbosity": "low"}}),
        ({"response_format": {"type": "json_object"}}, {"text": {"format": {"type": "json_object"}}}),
        (
            {"response_format": {"type": "json_schema", "json_schema": SCHEMA}, "verbosity": "low"},
            {"text": {"verbosity": "low", "format": {"type": "json_schema", **SCHEMA}}},
        ),
        (
            {"tool_choice": {"type": "function", "function": {"name": "f"}}},
            {"tool_choice": {"type": "function", "name": "f"}},
        ),
        ({"tool_choice": "auto", "seed": 5}, {"tool_choice": "auto", "seed": 5}),
        ({"reasoning_effort": 5, "verbosity": None}, {"reasoning_effort": 5, "verbosity": None}),
    ],
)
def test_a_setting_is_put_where_the_endpoint_has_it(extra: dict[str, Any], options: dict[str, Any]) -> None:
    assert response_options(extra) == options


def test_groups_are_merged_and_all_else_is_the_given() -> None:
    own = {"text": {"format": 1, "verbosity": 2}, "metadata": {"a": 1}, "reasoning": {"effort": 1}}
    given = {"text": {"verbosity": 3}, "metadata": {"b": 1}, "reasoning": None}
    merged = {"text": {"format": 1, "verbosity": 3}, "metadata": {"b": 1}, "reasoning": None}
    assert merge_options(own, given) == merged


def test_a_caller_s_verbosity_leaves_the_version_s_schema() -> None:
    settings = ModelSettings(response_schema={"type": "object"}, extra={"text": {"verbosity": "high"}})
    body = complete_body(Endpoint.RESPONSES, {"text": {"verbosity": "low"}}, "Hi", settings, "n")
    assert body["text"] == {
        "verbosity": "low",
        "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": False},
    }


@pytest.mark.parametrize("said", ["max_tokens", "max_completion_tokens"])
def test_one_bound_on_the_answer_is_sent(said: str) -> None:
    settings = ModelSettings(max_output_tokens=9, extra={"max_tokens": 8})
    body = complete_body(Endpoint.CHAT, {said: 5}, "Hi", settings, "n")
    assert {name: value for name, value in body.items() if name.startswith("max")} == {said: 5}

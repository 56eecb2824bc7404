"""Keys are covered whoever issued them, whole or masked; words are left."""

import pytest

from graph.upstream.keys import without_keys

OWN = "a-key-that-looks-like-none"


@pytest.mark.parametrize(
    "key",
    [
        OWN,
        "sk-proj-another-secret-key",
        "sk-ant-api03-abcdefghij",
        "sk-4fJ2kd93",
        "sk-ab12cd34ef56ab12cd34ef56",
        "sk-abc***********wxyz",
        "sk-...wxyz",
        "sk-qwertyuiopASDFGHJKLzxcvbnm",
        "pk-lf-0f8fad5b-d9cb-469f-a165-70867728950e",
        "key-0123456789abcdef0123456789abcdef",
        "gsk_" + "aB3dE6gH9" * 6,
        "AIzaSyD4f6H8j0K2l4Z6x8C0v2B4n6M8q0W2e4R",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3NjU0MzIxIn0.dQw4w9WgXcQdQw4w9WgXcQ",
    ],
)
@pytest.mark.parametrize("said", ["Incorrect API key provided: {}.", "({})", "Bearer {}", "key={},", "'{}' is none"])
def test_a_key_is_covered(key: str, said: str) -> None:
    text = without_keys(said.format(key), OWN)
    assert key not in text
    assert key[-8:] not in text


@pytest.mark.parametrize("key", ["Bearer 9f86d081884c7d65", "api key: 9f86d081884c7d65", 'key "9f86d081884c7d65"'])
def test_what_is_named_as_a_key_is_covered_whatever_its_form(key: str) -> None:
    assert "9f86d081" not in without_keys(f"No {key} here", None)


@pytest.mark.parametrize(
    "text",
    [
        "A key-value store was not found.",
        "Install sk-learn-contrib 1.5.2 first.",
        "Use Bearer authentication, not Basic authentication.",
        "Incorrect API key provided. Find yours in the key-management section.",
        "No API key was given: the key parameter is missing.",
        "Unknown key 'logit_bias' for model gpt-4o-2024-08-06.",
        "Unknown key `max_completion_tokens`; did you mean `max_tokens`?",
        "The task-oriented model is at risk-management.",
        "pk-fields and sk-fields of the table",
        "A monkey 12345678 is no key.",
    ],
)
def test_words_are_left(text: str) -> None:
    assert without_keys(text, "own-key") == text

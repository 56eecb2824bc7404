"""What a provider says of a failure is told without keys, wherever it puts them."""

import json

import pytest

from graph.upstream.failures import of_answer

KEY = "a-key-that-looks-like-none"


@pytest.mark.parametrize("secret", [KEY, "sk-proj-another-secret-key"])
@pytest.mark.parametrize("field", ["message", "type", "code", "param"])
def test_no_field_tells_a_key(field: str, secret: str) -> None:
    told = {"message": "No.", "type": "t", "code": "c", "param": "p", field: f"because of {secret}!"}
    error = of_answer(400, {}, json.dumps({"error": told}).encode(), KEY)
    said = (error.message, error.kind, error.reason, error.param)
    assert "because of …!" in said
    assert secret not in str(said)


def test_a_code_that_is_a_number_is_told() -> None:
    assert of_answer(400, {}, b'{"error": {"message": "No.", "code": 1301}}', KEY).reason == "1301"


@pytest.mark.parametrize(
    ("told", "kept"), [("7", "7"), ("Sat, 21 Nov 2026 10:00:00 GMT", True), ("\udcff", None), ("", None)]
)
@pytest.mark.parametrize("body", [b"", b'{"error": {"message": "No."}}'])
def test_a_moment_to_try_again_is_told_where_it_is_one(told: str, kept: object, body: bytes) -> None:
    error = of_answer(429, {"Retry-After": told}, body, KEY)
    assert error.retry_after == (told if kept is True else kept)


def test_what_no_answer_could_carry_is_mended() -> None:
    body = b'{"error": {"message": "half \\ud83d", "type": "\\ud83d", "code": "\\ud83d"}}'
    error = of_answer(400, {}, body, KEY)
    assert (error.message, error.kind, error.reason) == ("half \ufffd", "\ufffd", "\ufffd")

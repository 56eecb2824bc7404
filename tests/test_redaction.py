import pytest

from graph.redaction import REDACTED, redact, redact_text

KEY = "pg_9f8Xk2mQvTz7Lw4RbN1cYh6JdP0sGeUaW3oViKxMtBE"
SECRETS = {
    "a key": (f"no such key: {KEY}", KEY),
    "a bearer token": ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
    "basic credentials": ("authorization: basic cGstbGY6c2stbGYtMTIz", "cGstbGY6c2stbGYtMTIz"),
    "the password of a MongoDB URL": ("cannot reach mongodb+srv://root:hunter2@db.example/x?y=1", "hunter2"),
    "a password with a slash": ("mongodb://root:hun/ter2@db", "hun/ter2"),
    "the password of a Redis URL": ("redis://:hunter2@cache:6379/0", "hunter2"),
    "a key of OpenAI's": ("Incorrect API key provided: sk-proj-abcdefghijklmnop", "proj-abcdefghijklmnop"),
    "a webhook's secret": ("signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    "a JSON web token": ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    "a password in a query string": ("/?user=a&password=hunter2&x=1", "hunter2"),
    "a password in a repr": ("{'password': 'hunter2'}", "hunter2"),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_taken_out_wherever_it_stands(text: str, secret: str) -> None:
    assert secret not in redact_text(text)
    assert REDACTED in redact_text(text)
    nested = redact({"event": "x", "exception": [{"exc_value": text, "frames": [(text,)]}], "cause": ValueError(text)})
    assert secret not in str(nested)


@pytest.mark.parametrize(
    "text",
    [
        "request",
        "/prompts/support/refund-reply@production",
        "http://127.0.0.1:8080/graphql",
        "the basic idea of tokens",
        "6740a1c2f0e4b2a1c3d4e5f6",
        "mongodb://db.example:27017/promptgraph",
        "ada@example.com wrote",
        "support/a-rather-long-name-of-a-prompt",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_text(text) == text


def test_a_field_is_known_by_its_name_and_figures_stay() -> None:
    line = {"api_key": "x", "Authorization": ["y"], "secret": None, "tokens": 12, "status": 200, "ok": True}
    assert redact(line) == {**line, "api_key": REDACTED, "Authorization": REDACTED}

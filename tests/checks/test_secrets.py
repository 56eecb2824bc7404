import pytest

from graph.checks.secrets import RULES, find_secrets
from tests.checks.tokens import GITHUB, SECRETS, letters


def told(text: str) -> list[tuple[str, str]]:
    return [(span.rule, text[span.start : span.end]) for span in find_secrets(text)]


@pytest.mark.parametrize("rule", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "Use {}, please.", 'key="{}"', "https://host/?key={}&x=1", "钥匙{}。", "\n{}\n"]
)
def test_a_secret_is_found_whole_wherever_it_stands(rule: str, around: str) -> None:
    assert (rule, SECRETS[rule]) in told(around.format(SECRETS[rule]))


def test_every_rule_has_its_sample() -> None:
    assert {rule.name for rule in RULES} - set(SECRETS) == {"password-in-url", "named-secret"}


@pytest.mark.parametrize(
    "text",
    [
        "sk-" + "x" * 48,
        "AKIA" + "IOSFODNN7EXAMPLE",
        "export OPENAI_API_KEY=sk-proj-your-key-goes-here-please",
        "ghp_" + "0" * 36,
        "ask-" + letters(40),
        "the task-" + letters(40),
        "SG.1.2 and hf_models and AIza",
        "a digest " + letters(64),
        "eyJ.eyJ.x",
        "-----BEGIN PRIVATE KEY----- and so on",
        "-----BEGIN CERTIFICATE-----\n" + letters(64),
    ],
)
def test_what_documentation_writes_is_no_secret(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mongodb://app:hv7Lq2xP@db.internal/prompts", "hv7Lq2xP"),
        ("redis://:hv7Lq2xP@cache:6379", "hv7Lq2xP"),
    ],
)
def test_of_a_password_in_a_url_only_the_password_is_told(text: str, value: str) -> None:
    assert told(text) == [("password-in-url", value)]


@pytest.mark.parametrize(
    "text",
    [
        "postgres://user:password@localhost/db",
        "https://{{user}}:{{password}}@host",
        "http://host:8080/@x",
        "a://b:c d@e",
    ],
)
def test_a_url_with_a_stand_in_for_its_password_has_none(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'AWS_SECRET_ACCESS_KEY="{}"',
        "password: {}",
        "The **API key**: `{}`.",
        '{{"client_secret": "{}"}}',
        "apiKey = '{}';",
        "auth_token={}",
    ],
)
def test_a_value_that_is_called_a_secret_is_one(text: str) -> None:
    value = letters(20)
    assert told(text.format(value)) == [("named-secret", value)]


@pytest.mark.parametrize(
    "text",
    [
        "password: {{password}}",
        "apiKey = process.env.OPENAI_API_KEY_2",
        "api_key = settings.api_key",
        "secret: the-recipe-of-grandmother",
        "Password: minimum12characters, with digits",
        "total = aB3dE6gH9jK2mN5p",
    ],
)
def test_what_only_speaks_of_secrets_is_none(text: str) -> None:
    assert told(text) == []


def test_two_of_one_kind_are_two() -> None:
    assert told(f"{GITHUB} {GITHUB}") == [("github-token", GITHUB)] * 2

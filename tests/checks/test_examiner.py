import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.checks.examiner import CHECKER, examine, find_spans
from graph.domain.findings import Finding, FindingKind, examination_from_json, examination_to_json
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    Content,
    MessagesPlaceholder,
    ModelSettings,
    TextTemplate,
    Variable,
)
from tests.checks.tokens import GITHUB, SECRETS
from tests.cpu import least_cpu_seconds

EVERY_KIND = f"{GITHUB} ada@lovelace.org <script> a\u200bb "
KINDS = tuple(FindingKind)
LONGEST = 200_000


def findings(content: Content, note: str | None = None, most: int = 100) -> tuple[Finding, ...]:
    return examine(content, note, most).findings


def test_the_place_is_told_in_lines_and_code_points() -> None:
    found = findings(Content(TextTemplate(f"One\n😀 two\n\n😀 {GITHUB} ada@lovelace.org\n<script>")))
    assert [(one.rule, one.line, one.column, one.length) for one in found] == [
        ("github-token", 4, 3, 40),
        ("e-mail", 4, 44, 16),
        ("script-tag", 5, 1, 8),
    ]
    assert {one.path for one in found} == {("template", "text")}
    assert {one.part for one in found} == {None}


def test_every_text_of_a_version_is_examined() -> None:
    mail = "ada@lovelace.org"
    content = Content(
        ChatTemplate((MessagesPlaceholder("history"), ChatMessage(ChatRole.USER, f"{{{{a}}}} {{{{b}}}} {mail}"))),
        (Variable("a", description=mail), Variable("b", default_value=f'"\\u200b {mail}"')),
        ModelSettings(model="m", extra={"headers": {"from": mail}}),
    )
    assert [(one.path, one.rule, one.part) for one in findings(content, f"As {mail} said")] == [
        (("template", "chat", "1", "message", "content"), "e-mail", 1),
        (("variables", "0", "description"), "e-mail", None),
        (("variables", "1", "defaultValue"), "zero-width", None),
        (("variables", "1", "defaultValue"), "e-mail", None),
        (("modelSettings",), "e-mail", None),
        (("changeNote",), "e-mail", None),
    ]


def test_of_each_kind_the_first_are_told_so_that_many_of_one_hide_none_of_another() -> None:
    content = Content(TextTemplate("ada@lovelace.org " * 50 + EVERY_KIND))
    found = findings(content, "ada@lovelace.org", most=3)
    assert [one.kind for one in found].count(FindingKind.PERSONAL_DATA) == 3
    assert {one.kind for one in found} == set(FindingKind)


def test_no_finding_holds_what_it_found() -> None:
    for secret in SECRETS.values():
        written = repr(examination_to_json(examine(Content(TextTemplate(secret)), None, 100)))
        assert not any(secret[start : start + 8] in written for start in range(8, len(secret) - 8))


def test_what_is_found_lies_in_a_document_and_comes_back() -> None:
    examination = examine(Content(TextTemplate(EVERY_KIND)), None, 100)
    assert examination_from_json(examination_to_json(examination)) == examination
    assert examination_to_json(examination)["kinds"] == [kind.value for kind in FindingKind]


def test_a_key_that_is_called_one_is_told_once() -> None:
    assert [one.rule for one in findings(Content(TextTemplate(f'api_key = "{GITHUB}"')))] == ["github-token"]


def test_what_is_found_is_of_this_checker() -> None:
    """Who changes a rule raises CHECKER, so that what was examined before is again, and puts the new figure here."""
    texts = [*SECRETS.values(), EVERY_KIND, "+49 30 901820 4012888888881881 GB82WEST12345698765432 javascript:x()"]
    found = findings(Content(TextTemplate("\n".join(texts))))
    digest = hashlib.sha256(repr([(one.rule, one.severity.value, one.line, one.length) for one in found]).encode())
    assert (CHECKER, digest.hexdigest()[:12]) == (1, "1070180858f3")


@given(st.text(alphabet=st.sampled_from("ab1@.+-_:/=<> \n\"'{}é😀\u200b\u200d\u202e" + "eyJsk"), max_size=300))
def test_spans_lie_in_the_text_and_none_is_empty(text: str) -> None:
    for span in find_spans(text, KINDS):
        assert 0 <= span.start < span.end <= len(text)


UNITS = (
    *("a", "@", "a@", "a@b.", "a.a@a.a@", "+1 ", "+1", "1 ", "4111 ", "41111111111111111 ", "DE89 ", "A1", "555-", "="),
    *("eyJ", "eyJ aaaaaaaaaaa.eyJaaaaaaaaaa.", "sk-", "sk-proj-", "gho_ghp_", "xoxb-", "-----BEGIN PRIVATE KEY-----aa"),
    *("://a:b", "=aaaaaaaaaaaa ", "key=aaaaaaaaaaaa1 ", "<", "<a on", "<a" + " " * 290, "<script ", "javascript:a "),
    *("é\u200d", "\ufe0f\ufe0f", "\U0001f3f4\U000e0041", "\x01", "\n\x01", "+49 30 1234567 ", EVERY_KIND),
)


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_the_longest_text_takes_a_moment_whatever_it_is(unit: str) -> None:
    content = Content(TextTemplate((unit * (LONGEST // len(unit) + 1))[:LONGEST]))
    assert least_cpu_seconds(lambda: examine(content, None, 100)) < 0.4  # about 0.06 on a quiet machine

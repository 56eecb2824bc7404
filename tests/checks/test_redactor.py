import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.checks.redactor import cover, redact_content, redact_text
from graph.domain.findings import FindingKind
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, Content, TextTemplate, Variable, VariableType
from graph.templating.parser import Slot, parse
from tests.checks.tokens import GITHUB, SECRETS

KINDS = frozenset(FindingKind)
SECRET = cover(FindingKind.SECRET)


def test_only_the_kinds_that_are_named_are_covered() -> None:
    text = f"{GITHUB} ada@lovelace.org"
    assert redact_text(text, {FindingKind.SECRET}) == f"{SECRET} ada@lovelace.org"
    assert redact_text(text, KINDS) == f"{SECRET} [redacted: personal data]"
    assert redact_text(text, ()) == text


def test_however_many_there_are_all_are_covered() -> None:
    assert redact_text(f"{GITHUB} " * 1_000, KINDS) == f"{SECRET} " * 1_000


def test_findings_that_overlap_are_covered_whole() -> None:
    text = f'<iframe src="https://x/?key={GITHUB}">'
    assert redact_text(text, KINDS) == "[redacted: script]"


@pytest.mark.parametrize("rule", ["openai-key", "github-token", "aws-access-key"])
def test_of_findings_that_begin_alike_the_longest_is_covered(rule: str) -> None:
    text = f'api_key: "{SECRETS[rule]}/Zq9Xw8Vu7Ts6Rr5"'
    assert redact_text(text, {FindingKind.SECRET}) == f'api_key: "{SECRET}"'


def test_templates_and_defaults_are_covered_and_stay_what_they_are() -> None:
    card = Variable("n", VariableType.NUMBER, default_value="4012888888881881")
    tools = Variable("j", VariableType.JSON, default_value=json.dumps({"key": GITHUB}))
    plain = Variable("p", default_value='"4"')
    template = ChatTemplate((ChatMessage(ChatRole.USER, f"{{{{n}}}}{{{{j}}}}{{{{p}}}} {GITHUB}"),))
    shown = redact_content(Content(template, (card, tools, plain)), KINDS)
    assert shown.template == ChatTemplate((ChatMessage(ChatRole.USER, f"{{{{n}}}}{{{{j}}}}{{{{p}}}} {SECRET}"),))
    assert [json.loads(one.default_value or "") for one in shown.variables] == [
        "[redacted: personal data]",
        f'{{"key":"{SECRET}"}}',
        "4",
    ]


PIECES = st.sampled_from(
    [
        *("{{a}}", "{", "}", "\\", "\u200b", "<", "<script>", "onload=", "ada@lovelace.org", " ", "://a:b", "@"),
        *SECRETS.values(),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_variables_of_a_text_are_the_same_when_it_is_covered(text: str) -> None:
    covered = redact_text(text, KINDS)
    assert slots(covered) == slots(text)
    assert redact_content(Content(TextTemplate(text)), KINDS).template == TextTemplate(covered)


def slots(text: str) -> list[str]:
    return [piece.name for piece in parse(text).pieces if isinstance(piece, Slot)]

from dataclasses import replace

import pytest

from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    Content,
    MessagesPlaceholder,
    ModelSettings,
    Variable,
    VariableType,
)
from graph.templating.changes import canonical_lines, compare
from tests.templating.strategies import LIMITS, content_of

PLAIN = content_of("{{a}}")
OPTIONAL = content_of("{{a}}", Variable("a", default_value='"x"'))
NUMBER = content_of("{{a}}", Variable("a", VariableType.NUMBER))
CHAT = content_of(ChatTemplate((ChatMessage(ChatRole.USER, "{{a}}"),)))
HISTORY = ChatTemplate((MessagesPlaceholder("h"),))
MESSAGES = content_of(HISTORY)
TRUSTING = content_of(HISTORY, Variable("h", VariableType.MESSAGES, allows_system_messages=True))


def test_added_variables_are_told_as_they_are_now_and_removed_ones_as_they_were() -> None:
    b = Variable("b", description="new")
    changes = compare(OPTIONAL, content_of("{{b}}", b), LIMITS)
    assert (changes.added, changes.removed) == ((b,), OPTIONAL.variables)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PLAIN, content_of("{{a}} {{b}}")),
        (PLAIN, NUMBER),
        (NUMBER, OPTIONAL),
        (OPTIONAL, PLAIN),
        (PLAIN, CHAT),
        (CHAT, PLAIN),
        (TRUSTING, MESSAGES),
    ],
)
def test_what_a_caller_of_the_older_version_could_no_longer_fill_is_breaking(old: Content, new: Content) -> None:
    assert compare(old, new, LIMITS).is_breaking


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PLAIN, PLAIN),
        (PLAIN, content_of("other text")),
        (PLAIN, OPTIONAL),
        (OPTIONAL, content_of("{{a}}", Variable("a", default_value='"y"'))),
        (PLAIN, content_of("{{a}}", Variable("a", description="d"))),
        (PLAIN, content_of("{{a}} {{b}}", Variable("b", default_value='""'))),
        (MESSAGES, TRUSTING),
    ],
)
def test_what_every_caller_of_the_older_version_can_fill_is_not_breaking(old: Content, new: Content) -> None:
    assert not compare(old, new, LIMITS).is_breaking


def test_the_canonical_text_is_the_template_the_variables_by_name_and_the_settings() -> None:
    chat = ChatTemplate(
        (
            ChatMessage(ChatRole.SYSTEM, "Be {{tone}}.\nAlways."),
            MessagesPlaceholder("h"),
            ChatMessage(ChatRole.USER, "{{a}}"),
        )
    )
    tone = Variable("tone", default_value='"kind"', description="How to\nspeak.")
    content = replace(content_of(chat, tone), model_settings=ModelSettings(model="m", temperature=0.5))
    assert "\n".join(canonical_lines(content)) == (
        "[system]\nBe {{tone}}.\nAlways.\n\n[placeholder h]\n\n[user]\n{{a}}\n"
        '\n[variables]\na: string\nh: messages\ntone: string = "kind"\n  How to\n  speak.\n'
        '\n[model settings]\n{\n  "model": "m",\n  "temperature": 0.5\n}'
    )


def test_the_text_diff_shows_template_variables_and_settings() -> None:
    new = replace(content_of("{{a}}!", Variable("a", VariableType.JSON)), model_settings=ModelSettings(model="m"))
    diff = compare(PLAIN, new, LIMITS).text_diff.split("\n")
    assert {"-{{a}}", "+{{a}}!", "-a: string", "+a: json", '+  "model": "m"'} <= set(diff)


def test_equal_contents_have_no_text_diff_and_long_ones_are_replaced_whole() -> None:
    assert compare(PLAIN, PLAIN, LIMITS).text_diff == ""
    assert "replaced whole" in compare(PLAIN, content_of("{{a}}" + "\n" * 5_000), LIMITS).text_diff

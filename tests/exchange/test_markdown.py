from dataclasses import replace

import pytest
from hypothesis import given, settings

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, TextTemplate
from graph.exchange.entries import Snapshot
from graph.exchange.markdown import from_markdown, to_markdown
from graph.templating.variables import build_content
from tests.exchange.strategies import LIMITS, drafts


def read(text: str) -> Snapshot:
    return from_markdown(text, "a/b.md", "a/b", 64)


@settings(max_examples=200, deadline=None)
@given(drafts())
def test_what_is_written_is_read_back_as_it_was(draft: PromptDraft) -> None:
    back = read(to_markdown(draft).encode().decode()).draft
    assert build_content(back.version, LIMITS).digest() == build_content(draft.version, LIMITS).digest()
    assert repr(replace(back, version=draft.version)) == repr(draft)


@pytest.mark.parametrize("text", ["x", "x\n", "\n\nx\n\n", "---\nx\n---\n", "x\r\ny\r\n", "\ufeffx", " ", "---"])
def test_a_text_is_kept_to_the_letter(text: str) -> None:
    draft = PromptDraft("a", VersionDraft(TextTemplate(text)))
    assert read(to_markdown(draft)).draft.version.template == TextTemplate(text)


def test_a_chat_is_readable_in_the_front_matter() -> None:
    chat = ChatTemplate((ChatMessage(ChatRole.SYSTEM, "Be kind.\nBe brief. 😀\n"),))
    text = to_markdown(PromptDraft("a", VersionDraft(chat)))
    assert "chat:\n- role: system\n  content: |\n    Be kind.\n    Be brief. 😀\n---\n" in text


def test_windows_line_breaks_in_the_front_matter_do_not_matter() -> None:
    entry = read("---\r\ntitle: T\r\ntags: [a]\r\n---\r\nx\r\n")
    assert (entry.draft.title, entry.draft.tags) == ("T", ("a",))
    assert entry.draft.version.template == TextTemplate("x\r\n")


def test_a_file_without_front_matter_is_all_text_and_named_by_its_path() -> None:
    entry = read("Just text.\n")
    assert entry.name == "a/b"
    assert entry.draft.version.template == TextTemplate("Just text.\n")


def test_only_facts_that_are_given_are_followed() -> None:
    assert read("---\ntitle: T\ntags: []\n---\nx").follows == {"title", "tags"}


def test_empty_front_matter_is_front_matter() -> None:
    assert read("---\n---\nx").draft.version.template == TextTemplate("x")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\ntitle: x\nHello\n", "never closed"),
        ("---\n- a\n---\nx", "must be an object"),
        ("---\nlabels: [production]\n---\nx", "no such key"),
        ("---\nname: 12\n---\nx", "must be text"),
        ("---\nchat:\n- role: user\n  content: x\n---\ny", "not both"),
        ("---\na: &a x\nb: *a\n---\nx", "aliases"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read(text)
    assert reason in error.value.message

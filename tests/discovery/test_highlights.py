import itertools
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.discovery.highlights import Highlight, HighlightField, highlight_page, light, template_text
from graph.domain.limits import Limits
from graph.domain.prompts import Prompt, PromptVersion, Visibility
from graph.domain.ratings import RatingSummary
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, Content, MessagesPlaceholder, TextTemplate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROMPT = Prompt(
    "id", "support/refund", "Refunds", "How to refund", None, ("money", "refund now"), {}, Visibility.PUBLIC, {}, 1, "",
    RatingSummary(), 0, None, None, NOW, NOW, None, 1,
)  # fmt: skip
VERSION = PromptVersion("id", 1, Content(TextTemplate("Dear {{customer}}, your refund.")), "", None, NOW, None)


def lit(text: str, prompt: Prompt = PROMPT, limits: Limits | None = None) -> dict[HighlightField, list[Highlight]]:
    found: dict[HighlightField, list[Highlight]] = {}
    for one in highlight_page([(prompt, VERSION)], text, limits or Limits())["id"]:
        found.setdefault(one.field, []).append(one)
    return found


def shown(highlight: Highlight) -> list[str]:
    return [highlight.snippet[start:end] for start, end in highlight.matches]


def test_every_field_with_a_match_has_a_highlight() -> None:
    found = lit("refund")
    assert set(found) == set(HighlightField)
    assert shown(found[HighlightField.NAME][0]) == ["refund"]
    assert [one.snippet for one in found[HighlightField.TAGS]] == ["refund now"]


def test_a_prompt_without_its_version_is_lit_by_its_facts() -> None:
    found = highlight_page([(PROMPT, None)], "refund", Limits())["id"]
    assert {one.field for one in found} == set(HighlightField) - {HighlightField.TEMPLATE}


def test_what_is_not_looked_at_in_time_has_no_highlights() -> None:
    second = replace(PROMPT, id="second")
    looks = iter([True] * 2)
    found = highlight_page([(PROMPT, VERSION), (second, VERSION)], "refund", Limits(), lambda: next(looks, False))
    assert [one.field for one in found["id"]] == [HighlightField.NAME, HighlightField.TITLE]
    assert found["second"] == ()


def test_the_clock_is_asked_within_a_long_text() -> None:
    looks = itertools.count()
    assert light("word " * 40_000, "needle", 160, lambda: next(looks) < 3) is None
    assert next(looks) == 4


def test_words_that_are_hard_to_tell_apart_are_given_up_in_time() -> None:
    hard = " ".join(f"abcdefghijkl{number:05}mnopqrst" for number in range(7_000))
    query = " ".join(f"abcdefghijkl{letter * 5}mnopqrst" for letter in "ABCDEFGHIJ")
    started = time.thread_time()
    light(hard, query, 160, lambda: time.thread_time() < started + 0.1)
    assert time.thread_time() - started < 0.5


def test_no_words_light_nothing() -> None:
    assert lit("") == lit("  ") == lit("xylophone") == {}


def test_a_chat_is_lit_by_its_messages() -> None:
    parts = (
        ChatMessage(ChatRole.SYSTEM, "Be {{tone}}."),
        MessagesPlaceholder("history"),
        ChatMessage(ChatRole.USER, "Go"),
    )
    assert template_text(ChatTemplate(parts)) == "Be {{tone}}.\n\nGo"


def test_a_snippet_lies_around_its_first_match_and_between_words() -> None:
    held = "lead " * 500 + "needle " + "trail " * 500
    found = light(held, "needle", 80)
    assert found is not None
    snippet, matches = found
    assert len(snippet) <= 80
    assert [snippet[start:end] for start, end in matches] == ["needle"]
    assert set(snippet.split()) == {"lead", "needle", "trail"}


@pytest.mark.parametrize("held", ["x" * 500, "needle" + "x" * 500, "漢" * 300 + "字" + "漢" * 300])
def test_a_word_longer_than_the_snippet_is_cut(held: str) -> None:
    for text in (held, held[:6], "字"):
        if (found := light(held, text, 40)) is not None:
            assert len(found[0]) <= 40
            assert all(0 <= start < end <= len(found[0]) for start, end in found[1])


@given(st.text(max_size=400), st.text(max_size=20), st.integers(1, 100))
def test_whatever_is_given_ranges_lie_in_the_snippet_in_order(held: str, text: str, most: int) -> None:
    found = light(held, text, most)
    if found is None:
        return
    snippet, matches = found
    assert len(snippet) <= most
    assert snippet in held
    assert matches
    assert all(start < end <= len(snippet) for start, end in matches)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(matches))


def test_what_a_page_reads_is_bounded() -> None:
    long = replace(PROMPT, description="x " * 5_000 + "needle")
    assert HighlightField.DESCRIPTION in lit("needle", long)
    assert lit("needle", long, Limits(highlighted_text=1_000)) == {}

from typing import Any

import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.rules import (
    clean_comment,
    clean_description,
    clean_json,
    clean_note,
    clean_prompt,
    clean_score,
    clean_settings,
)
from graph.domain.templates import ModelSettings, TextTemplate

LIMITS = Limits()
VERSION = VersionDraft(TextTemplate("a"))


def refused_path(settings: ModelSettings) -> tuple[str, ...] | None:
    with pytest.raises(InvalidInputError) as caught:
        clean_settings(settings, LIMITS)
    return caught.value.path


def test_a_drafts_facts_are_cleaned_each_by_its_rule() -> None:
    draft = PromptDraft(
        "a/e\u0301", VERSION, title="T", description="", category="c", tags=("x", "x"), metadata={"k": 1}
    )
    cleaned = clean_prompt(draft, LIMITS)
    assert (cleaned.name, cleaned.title, cleaned.description, cleaned.tags) == ("a/é", "T", None, ("x",))
    assert (cleaned.category, cleaned.metadata, cleaned.version) == ("c", {"k": 1}, VERSION)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"name": ""}, ("name",)),
        ({"title": ""}, ("title",)),
        ({"description": "x" * 10_001}, ("description",)),
        ({"category": "x" * 101}, ("category",)),
        ({"tags": ("",)}, ("tags", "0")),
        ({"metadata": {"a\0": 1}}, ("metadata",)),
    ],
)
def test_a_fact_that_breaks_its_rule_is_refused_at_its_field(facts: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_prompt(PromptDraft(**{"name": "a", "version": VERSION, **facts}), LIMITS)
    assert caught.value.path == path


def test_empty_texts_are_none() -> None:
    assert (clean_description("", LIMITS), clean_note("", LIMITS), clean_comment("", LIMITS)) == (None, None, None)


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_is_from_one_to_five(score: int) -> None:
    assert [clean_score(good) for good in range(1, 6)] == [1, 2, 3, 4, 5]
    with pytest.raises(InvalidInputError):
        clean_score(score)


def test_metadata_with_strange_keys_is_kept_as_it_is() -> None:
    metadata = {"$set": 1, "a.b": {"__proto__": [None, True, "😀"]}, "": 0.5}
    assert clean_json(metadata, LIMITS, "Metadata", ("metadata",)) is metadata


def test_a_json_object_is_bounded_in_bytes() -> None:
    with pytest.raises(InvalidInputError, match="at most 65536 bytes as JSON; this has 65544"):
        clean_json({"a": "é" * 32_768}, LIMITS, "Metadata", ("metadata",))


def test_settings_that_say_nothing_are_none() -> None:
    assert clean_settings(None, LIMITS) is None
    assert clean_settings(ModelSettings(), LIMITS) is None


def test_good_settings_are_kept() -> None:
    settings = ModelSettings("m", 0.0, 1.0, 1, ({"type": "function"},), {"type": "object"}, {"seed": 1})
    assert clean_settings(settings, LIMITS) is settings


def test_settings_out_of_bounds_are_refused_at_their_field() -> None:
    nan = float("nan")
    assert refused_path(ModelSettings(model="")) == ("modelSettings", "model")
    assert refused_path(ModelSettings(temperature=nan)) == ("modelSettings", "temperature")
    assert refused_path(ModelSettings(top_p=-0.1)) == ("modelSettings", "topP")
    assert refused_path(ModelSettings(max_output_tokens=0)) == ("modelSettings", "maxOutputTokens")
    assert refused_path(ModelSettings(tools=({}, {"a": nan}))) == ("modelSettings", "tools", "1")
    assert refused_path(ModelSettings(response_schema={"a": 2**63})) == ("modelSettings", "responseSchema")
    assert refused_path(ModelSettings(extra={"a": "\ud800"})) == ("modelSettings", "extra")
    assert refused_path(ModelSettings(tools=({"a": "x" * 40_000},) * 2)) == ("modelSettings",)

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.limits import Limits
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    ModelSettings,
    TextTemplate,
)
from graph.exchange.entries import Entry, History, UnusableFileError
from graph.exchange.langfuse_export import looks_like_langfuse, read_langfuse_export
from tests.exchange.sources import WRITTEN, as_refused, as_snapshot, source_of


def item(**facts: Any) -> dict[str, Any]:
    return {"name": "a/greet", "type": "text", "prompt": "Hi {{name}}", "config": {}, "labels": [], "tags": []} | facts


def read(*items: Any) -> list[Entry]:
    return read_langfuse_export([source_of(json.dumps(items), "x.json")], Limits())


def test_a_version_is_read_with_all_that_has_a_place() -> None:
    (entry,) = read(
        item(
            id="1",
            version=3,
            config={"model": "m", "temperature": 1, "mine": 2},
            tags=["t"],
            labels=["latest", "production", "staging", "7up"],
            commitMessage="why",
            odd=1,
        )
    )
    snapshot = as_snapshot(entry)
    assert snapshot.place == "item 1, line 1"
    assert (snapshot.name, snapshot.draft.tags, snapshot.labels) == ("a/greet", ("t",), ("staging",))
    assert snapshot.draft.version.model_settings == ModelSettings("m", 1.0, extra={"mine": 2})
    assert snapshot.draft.version.change_note == "why"
    told = " ".join(snapshot.notes)
    assert "'production' is not set" in told
    assert "'7up' is not set" in told
    assert "Left out: 'odd'." in told
    assert "Version 3 came alone, and is numbered anew here." in told
    assert len(snapshot.notes) == 4


def test_a_chat_is_read_part_by_part() -> None:
    prompt = [
        {"role": "system", "content": "Be {{how}}"},
        {"type": "placeholder", "name": "history"},
        {"type": "chatmessage", "role": "user", "content": "{{q}}", "name": "ann"},
    ]
    for kind in ("chat", None):
        (entry,) = read(item(type=kind, prompt=prompt))
        assert as_snapshot(entry).draft.version.template == ChatTemplate(
            (
                ChatMessage(ChatRole.SYSTEM, "Be {{how}}"),
                MessagesPlaceholder("history"),
                ChatMessage(ChatRole.USER, "{{q}}"),
            )
        )
        assert as_snapshot(entry).notes == ("message 3, left out: 'name'.",)


def test_versions_of_one_name_are_one_history_with_times_and_labels() -> None:
    (entry,) = read(
        item(version=7, prompt="c", labels=["staging", "production"]),
        item(version=5, prompt="a", createdAt="2026-01-01T00:00:00.000Z", tags=["old"]),
        item(version=6, prompt="b", createdAt="2026-01-02T00:00:00.000Z"),
    )
    assert isinstance(entry, History)
    assert [version.draft.template for version in entry.versions] == [TextTemplate(text) for text in "abc"]
    assert entry.versions[0].created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert entry.versions[2].created_at == WRITTEN
    assert [(label.name, label.version) for label in entry.prompt.labels] == [("staging", 3)]
    assert entry.prompt.tags == ()
    assert "Version 5 is version 1 here." in entry.notes


def test_references_are_ours_and_what_is_none_and_odd_variables_stay_text_and_are_told() -> None:
    (entry,) = read(item(prompt="@@@langfusePrompt:name=x|label=y@@@\n@@@langfusePrompt:x@@@\n{{a b}}"))
    snapshot = as_snapshot(entry)
    assert snapshot.draft.version.template == TextTemplate("{{> x@y}}\n@@@langfusePrompt:x@@@\n\\{{a b}}")
    first, second = snapshot.notes
    assert first.startswith("line 2 of its text: `@@@langfusePrompt")
    assert second.startswith("line 3 of its text: `{{`")


@pytest.mark.parametrize(
    "facts",
    [{"type": "audio"}, {"prompt": 1}, {"type": "chat", "prompt": [{"role": "king", "content": "x"}]}, {"tags": 1}],
)
def test_a_bad_version_is_refused_and_with_it_its_prompt_but_no_other(facts: dict[str, Any]) -> None:
    entries = read(item(version=1), item(version=2, **facts), item(name="other"))
    refused = [as_refused(entry).place for entry in entries[:2]]
    assert refused == ["item 2, line 1", "item 1, line 1"]
    assert as_snapshot(entries[2]).name == "other"


def test_versions_without_numbers_are_numbered_as_they_come() -> None:
    alone, several = read(item(name="x"), item(prompt="1"), item(name="y"), item(prompt="2"))[0:2]
    assert as_snapshot(alone).notes == ()
    assert isinstance(several, History)
    assert [version.draft.template for version in several.versions] == [TextTemplate("1"), TextTemplate("2")]


def test_two_versions_of_one_number_are_refused() -> None:
    (entry,) = read(item(version=1), item(version=1, prompt="other"))
    assert "one number" in as_refused(entry).reason


def test_broken_json_is_unusable() -> None:
    with pytest.raises(UnusableFileError, match="line 2"):
        read_langfuse_export([source_of('[{"name":"a","prompt":"b"},\n]')], Limits())


def test_an_export_is_known_by_its_first_item() -> None:
    assert looks_like_langfuse(item())
    assert looks_like_langfuse({"name": "a", "prompt": []})
    assert not looks_like_langfuse({"name": "a", "prompt": "b", "type": "text"})
    assert not looks_like_langfuse([])


@given(
    st.lists(st.sampled_from(["System: x", "\n", "user:", "</user><system>", '{{role "system"}}', "a"])).map("".join)
)
def test_what_a_message_says_makes_no_other_message(content: str) -> None:
    (entry,) = read(item(type="chat", prompt=[{"role": "user", "content": content}]))
    template = as_snapshot(entry).draft.version.template
    assert isinstance(template, ChatTemplate)
    assert [part.role for part in template.parts if isinstance(part, ChatMessage)] == [ChatRole.USER]

"""What goes out over Langfuse's wire and comes in again is the same, and no text makes a message of its own."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import PromptVersion
from graph.domain.templates import ChatMessage, ChatRole, Content, MessagesPlaceholder, TextTemplate
from graph.http.langfuse.answers import write_version
from graph.http.langfuse.reading import read_new_labels, read_new_version
from tests.http.prompts import make_prompt

TEXTS = st.lists(
    st.sampled_from(["{{x}}", "\\", "{", "}", "\n", "User:", "system: ", '"role": "system"', "<|im_start|>", "a", " "])
).map("".join)
MESSAGES = st.fixed_dictionaries({"role": st.sampled_from([role.value for role in ChatRole]), "content": TEXTS})
PLACEHOLDERS = st.fixed_dictionaries({"type": st.just("placeholder"), "name": st.just("history")})

KEYS = [
    "name",
    "type",
    "prompt",
    "role",
    "content",
    "config",
    "labels",
    "tags",
    "isActive",
    "commitMessage",
    "newLabels",
]


def read(**body: Any) -> Any:
    return read_new_version({"name": "n", **body})


def write(template: Any, **facts: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    content = Content(template)
    return write_version(make_prompt(**facts), PromptVersion("p", 1, content, content.digest(), None, now, None))


@given(st.lists(st.one_of(MESSAGES, PLACEHOLDERS), min_size=1, max_size=5))
def test_a_chat_comes_back_message_for_message(chat: list[dict[str, str]]) -> None:
    parts = read(type="chat", prompt=chat).draft.template.parts
    assert [part.role for part in parts if isinstance(part, ChatMessage)] == [
        part["role"] for part in chat if "role" in part
    ]
    expected = [part if "type" in part else {"type": "chatmessage", **part} for part in chat]
    assert write(read(type="chat", prompt=chat).draft.template)["prompt"] == expected


@given(TEXTS.filter(bool))
def test_a_text_comes_back_to_the_letter(text: str) -> None:
    assert write(read(prompt=text).draft.template)["prompt"] == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["text", "chat", "placeholder", "user", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
)


@given(JSON)
def test_whatever_is_sent_is_read_or_refused(body: Any) -> None:
    for read_body in (read_new_version, read_new_labels):
        with suppress(InvalidInputError):
            read_body(body)


def test_what_python_and_javascript_send_is_read_alike() -> None:
    python = read(prompt="hello", config={}, labels=[], tags=None, commitMessage=None)
    assert python == read(type="text", prompt="hello")
    assert python.draft.template == TextTemplate("hello")
    assert (python.tags, python.labels, python.draft.model_settings) == (None, (), None)
    message = {"role": "user", "content": "x"}
    assert read(type="chat", prompt=[{"type": "chatmessage", **message}]) == read(type="chat", prompt=[message])
    assert read(type="chat", prompt=[{"type": "placeholder", "name": "h"}]).draft.template.parts == (
        MessagesPlaceholder("h"),
    )


def test_latest_goes_without_saying_and_is_active_means_production() -> None:
    assert read(prompt="x", labels=["latest", "blue"], isActive=True).labels == ("blue", "production")
    assert read(prompt="x", tags=[]).tags == ()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"prompt": "x", "name": None}, ("name",)),
        ({"prompt": 3}, ("prompt",)),
        ({"prompt": "x", "type": "image"}, ("type",)),
        ({"prompt": "x", "config": []}, ("config",)),
        ({"type": "chat", "prompt": "x"}, ("prompt",)),
        ({"type": "chat", "prompt": [{"role": "robot", "content": "x"}]}, ("prompt", "0", "role")),
        ({"type": "chat", "prompt": [{"role": "user", "content": [{"type": "text"}]}]}, ("prompt", "0", "content")),
        ({"type": "chat", "prompt": [{"role": "user", "content": "x", "name": "bob"}]}, ("prompt", "0")),
        ({"type": "chat", "prompt": [{"type": "image", "role": "user", "content": "x"}]}, ("prompt", "0", "type")),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(body: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(**body)
    assert caught.value.path == path


def test_a_change_of_labels_names_them() -> None:
    assert read_new_labels({"newLabels": ["a"]}) == ("a",)
    with pytest.raises(InvalidInputError):
        read_new_labels({})


def test_labels_are_told_of_the_version_that_they_point_at() -> None:
    told = write(TextTemplate("x"), latest=2, labels={"production": 1, "blue": 2})
    assert (told["labels"], told["isActive"]) == (["production"], True)

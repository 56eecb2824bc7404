from typing import Any

import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, MessagesPlaceholder, TextTemplate, Variable
from graph.exchange.entries import Snapshot
from graph.exchange.simple_json import read_simple

LIMITS = Limits()


def read(value: Any) -> Snapshot:
    return read_simple(value, "line 1", LIMITS)


def test_a_row_of_a_collection_is_read_as_in_csv() -> None:
    entry = read({"act": "A/B", "prompt": "${x y:1}", "for_devs": True, "type": "TEXT", "contributor": "f", "id": 7})
    assert entry.draft.title == "A/B"
    assert (entry.draft.category, entry.draft.tags) == ("text", ("for-devs",))
    assert entry.draft.metadata == {"contributor": "f"}
    assert entry.draft.version.template == TextTemplate("{{x_y}}")
    assert entry.notes == ("The variable 'x y' is now named 'x_y'.", "Left out: 'id'.")


def test_our_own_words_keep_the_text_to_the_letter() -> None:
    entry = read({"name": "a/b", "text": "${x:1}", "tags": ["t"], "variables": []})
    assert entry.name == "a/b"
    assert entry.draft.version.template == TextTemplate("${x:1}")


def test_a_title_makes_the_name_where_there_is_none() -> None:
    assert read({"title": "Poet", "template": "x"}).name == "Poet"


def test_a_chat_may_be_called_messages() -> None:
    entry = read({"name": "a", "messages": [{"role": "SYSTEM", "content": "x"}, {"placeholder": "h"}]})
    parts = (ChatMessage(ChatRole.SYSTEM, "x"), MessagesPlaceholder("h"))
    assert entry.draft.version.template == ChatTemplate(parts)


def test_a_default_may_be_given_as_its_value() -> None:
    given = [{"name": "n", "type": "boolean", "default": False}, {"name": "m", "defaultValue": '"x"'}]
    entry = read({"name": "a", "text": "{{n}}{{m}}", "variables": given})
    assert [variable.default_value for variable in entry.draft.version.variables] == ["false", '"x"']
    assert isinstance(entry.draft.version.variables[0], Variable)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"text": "x"}, "a `name` or a `title`"),
        ({"name": "a"}, "needs its text"),
        ({"name": "a", "text": "x", "chat": []}, "one of them"),
        ({"act": "a", "prompt": 5}, "must be text"),
        ({"prompt": "x"}, "missing"),
        ({"name": "a", "chat": [{"role": "king", "content": "x"}]}, "A role is one of"),
        ({"name": "a", "text": "x", "variables": [{"name": "x", "type": "date"}]}, "A type is one of"),
        ({"name": "a", "text": "x", "variables": [{"name": "x", "defualt": 1}]}, "no such key"),
        ({"name": "a", "text": "x", "modelSettings": {"temperature": "hot"}}, "a number"),
        ("x", "must be an object"),
    ],
)
def test_what_is_no_prompt_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read(value)
    assert reason in error.value.message

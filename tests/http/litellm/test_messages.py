"""What LiteLLM makes of our messages, by its own rule, is what we would have rendered."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.prompts import PromptVersion, VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    TextTemplate,
)
from graph.http.litellm.messages import write_messages
from graph.templating.renderer import render
from graph.templating.variables import build_content

TEXTS = st.lists(
    st.sampled_from(["{{x}}", "{{ y }}", "{x}", "{", "}", "\\", "\\{{x}}", "\nUser:", "a", '{"y": 1}'])
).map("".join)
VALUES = st.text(alphabet="ab:\n\"'<>", max_size=5)
CHATS = st.lists(st.builds(ChatMessage, st.sampled_from(ChatRole), TEXTS), min_size=1, max_size=4)


def version_of(template: PromptTemplate) -> PromptVersion:
    content = build_content(VersionDraft(template), Limits())
    return PromptVersion("p", 1, content, content.digest(), None, datetime.now(UTC), None)


def fill_as_litellm(text: str, values: Mapping[str, str]) -> str:
    """What its GenericPromptManager does with a message."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value).replace(f"{{{{{name}}}}}", value)
    return text


@given(CHATS, VALUES, VALUES)
def test_what_litellm_fills_in_is_what_we_render(parts: list[ChatMessage], x: str, y: str) -> None:
    version = version_of(ChatTemplate(tuple(parts)))
    try:
        messages = write_messages(version.content)
    except InvalidInputError:
        assume(False)
    values = {variable.name: {"x": x, "y": y}[variable.name] for variable in version.variables}
    rendered = render(version.content, values, Limits()).content
    assert not isinstance(rendered, str)
    filled = [(message["role"], fill_as_litellm(message["content"], values)) for message in messages]
    assert filled == [(message.role.value, message.content) for message in rendered]


def test_a_text_is_what_the_system_says() -> None:
    assert write_messages(version_of(TextTemplate("Hello {{name}}")).content) == [
        {"role": "system", "content": "Hello {name}"}
    ]


def test_the_last_placeholder_is_where_the_callers_messages_go() -> None:
    hello = ChatMessage(ChatRole.USER, "hello")
    history = MessagesPlaceholder("history")
    assert write_messages(version_of(ChatTemplate((hello, history))).content) == [{"role": "user", "content": "hello"}]
    with pytest.raises(InvalidInputError, match="last part"):
        write_messages(version_of(ChatTemplate((history, hello))).content)


def test_text_that_would_be_taken_for_a_variable_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="dish"):
        write_messages(version_of(TextTemplate('{{dish}} for {"a": {dish}}')).content)

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.errors import InvalidInputError
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, ModelSettings, TextTemplate
from graph.http.litellm.reading import read_prompt
from graph.http.litellm.specs import write_messages

KEYS = ["prompt_id", "litellm_params", "prompt_info", "dotprompt_content", "prompt_data", "messages", "content"]
KEYS += [
    "metadata",
    "environment",
    "role",
    "type",
    "name",
    "model",
    "parameters",
    "input",
    "schema",
    "prompt_integration",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["dotprompt", "x", "placeholder", "user", "---\ninput: 3\n---\nUser: {{x}}", "---\n- x\n---\n"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
)
TEXTS = st.lists(st.sampled_from(["{{x}}", "\\", "{", "\n", "User:", "System: ", "a"])).map("".join)
CHATS = st.lists(st.builds(ChatMessage, st.sampled_from(ChatRole), TEXTS), min_size=1, max_size=4)


@given(st.fixed_dictionaries({"prompt_id": st.just("p"), "litellm_params": JSON}) | JSON)
def test_whatever_is_sent_is_read_or_refused(body: Any) -> None:
    with suppress(InvalidInputError):
        read_prompt(body)


@given(CHATS.map(lambda parts: ChatTemplate(tuple(parts))) | TEXTS.filter(bool).map(TextTemplate))
def test_messages_come_back_message_for_message(template: ChatTemplate | TextTemplate) -> None:
    sent = write_messages(template)
    draft = read_prompt({"litellm_params": {"messages": sent}}).draft
    assert draft
    assert write_messages(draft.template) == sent
    if isinstance(template, ChatTemplate):
        assert isinstance(draft.template, ChatTemplate)
        assert len(draft.template.parts) == len(template.parts)


def test_a_prompt_with_messages_has_its_model_and_parameters() -> None:
    params = {"messages": "Hello", "model": "m", "parameters": {"temperature": 1}}
    info = {"environment": "staging", "change_note": "why"}
    given_ = read_prompt({"prompt_id": "p", "litellm_params": params, "prompt_info": info})
    assert (given_.prompt_id, given_.label) == ("p", "staging")
    assert given_.draft
    assert (given_.draft.model_settings, given_.draft.change_note) == (ModelSettings("m", 1.0), "why")


def test_development_is_no_label() -> None:
    assert read_prompt({"prompt_info": {"environment": "development"}}).label is None
    assert read_prompt({}).draft is None

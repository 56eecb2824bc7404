import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.prompts import VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    Content,
    MessagesPlaceholder,
    ModelSettings,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.exchange.litellm_dotprompt import join_dotprompt, read_dotprompt, split_dotprompt, write_dotprompt
from graph.templating.variables import build_content

FILE = """---
model: gpt-4o
temperature: 0.7
max_tokens: 100
input:
  schema:
    name: string
    count: integer
---

System: You are
  kind to {{name}}.
User: Count to {{ count }}
and say System: nothing.
"""
TEXTS = st.lists(
    st.sampled_from(["{{x}}", "{", "\\", "\n", "User: ", "System:", "a", " ", "{% if %}", "{#", "{{ y.z }}", ":"])
).map("".join)
TEMPLATES = st.one_of(
    st.builds(TextTemplate, TEXTS.filter(bool)),
    st.builds(
        ChatTemplate,
        st.lists(st.builds(ChatMessage, st.sampled_from(ChatRole), TEXTS), min_size=1, max_size=3).map(tuple),
    ),
)


def read(text: str) -> VersionDraft:
    return read_dotprompt(*split_dotprompt(text))


def content_of(draft: VersionDraft) -> Content:
    return build_content(draft, Limits())


def test_a_file_of_litellm_is_read() -> None:
    draft = read(FILE)
    assert draft.template == ChatTemplate(
        (
            ChatMessage(ChatRole.SYSTEM, "You are\n  kind to {{name}}."),
            ChatMessage(ChatRole.USER, "Count to {{ count }}\nand say System: nothing."),
        )
    )
    assert draft.model_settings == ModelSettings("gpt-4o", 0.7, max_output_tokens=100)
    assert draft.variables == (Variable("name"), Variable("count", VariableType.NUMBER))


def test_what_is_before_the_first_role_is_the_users_and_without_roles_it_is_a_text() -> None:
    assert read("Hello\nSystem: be kind").template == ChatTemplate(
        (ChatMessage(ChatRole.USER, "Hello"), ChatMessage(ChatRole.SYSTEM, "be kind"))
    )
    assert read("Hello {{x}}") == VersionDraft(TextTemplate("Hello {{x}}"))


def test_an_output_schema_is_the_response_schema() -> None:
    draft = read("---\noutput:\n  format: json\n  schema: {type: object}\n---\nx")
    assert draft.model_settings == ModelSettings(response_schema={"type": "object"})


@pytest.mark.parametrize(
    "text", ["{% if a %}x{% endif %}", "{{ a.b }}", "{{ a|upper }}", "{{- a }}", "{# no #}", "{{", "{{{x}}"]
)
def test_jinja_beyond_a_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="Jinja2"):
        read(text)


def test_front_matter_that_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        read("---\n- a\n---\nx")


@given(TEMPLATES, st.booleans())
def test_what_is_written_reads_back_the_same_or_is_not_written(
    template: TextTemplate | ChatTemplate, has_settings: bool
) -> None:
    settings = ModelSettings("m", 1.0, tools=({"a": 1},), extra={"stop": ["\n"]}) if has_settings else None
    content = content_of(VersionDraft(template, model_settings=settings))
    written = write_dotprompt(content)
    if written is not None:
        assert content_of(read(join_dotprompt(*written))) == content


def test_what_the_dialect_cannot_say_is_not_written() -> None:
    for part in (MessagesPlaceholder("h"), ChatMessage(ChatRole.TOOL, "x"), ChatMessage(ChatRole.USER, "a\nUser: b")):
        assert write_dotprompt(content_of(VersionDraft(ChatTemplate((part,))))) is None
    for text in ("{{a.b}}", "{{{a}}", r"\{{a}}"):
        assert write_dotprompt(content_of(VersionDraft(TextTemplate(text)))) is None


def test_types_and_defaults_are_written() -> None:
    variables = (Variable("n", VariableType.NUMBER, default_value="5"), Variable("s", default_value='"x"'))
    content = content_of(VersionDraft(TextTemplate("{{n}} {{s}}"), variables))
    written = write_dotprompt(content)
    assert written
    assert written[0] == {"input": {"schema": {"n": "number"}, "default": {"n": 5, "s": "x"}}}
    assert content_of(read(join_dotprompt(*written))) == content

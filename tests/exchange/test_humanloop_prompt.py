import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, ModelSettings, TextTemplate
from graph.exchange.entries import Snapshot
from graph.exchange.humanloop_prompt import read_humanloop_file
from tests.exchange.sources import source_of

FILE = """---
model: gpt-4o
temperature: 0.7
max_tokens: -1
top_p: 1
provider: openai
endpoint: chat
tools: [
  {"name": "find", "description": "Finds", "strict": true, "parameters": {"type": "object"}, "version": "v1"}
]
seed: 7
---
<system>
  You are a
    kind {{ role }}.
  <user>is text here</user>
</system>

<user name="ann">{{question}} {{ find(x) }}</user>
<assistant>
  <tool name="find" id="1">{}</tool>
</assistant>
<tool name="find" id="1">Found</tool>
<user>
  <text>
  What is it?
  </text>
  <image url="https://example.com/a.png"></image>
</user>
"""


def read(text: str) -> Snapshot:
    return read_humanloop_file(source_of(text), Limits())


def test_a_file_is_read_with_all_that_has_a_place() -> None:
    draft = read(FILE).draft
    image = '<text>\nWhat is it?\n</text>\n<image url="https://example.com/a.png"></image>'
    assert draft.version.template == ChatTemplate(
        (
            ChatMessage(ChatRole.SYSTEM, "You are a\n  kind {{ role }}.\n<user>is text here</user>"),
            ChatMessage(ChatRole.USER, "{{question}} {{ find(x) }}"),
            ChatMessage(ChatRole.ASSISTANT, '<tool name="find" id="1">{}</tool>'),
            ChatMessage(ChatRole.TOOL, "Found"),
            ChatMessage(ChatRole.USER, image),
        )
    )
    function = {"name": "find", "description": "Finds", "parameters": {"type": "object"}, "strict": True}
    assert draft.version.model_settings == ModelSettings(
        "gpt-4o", 0.7, 1.0, tools=({"type": "function", "function": function},), extra={"seed": 7}
    )


def test_what_is_not_kept_is_told_with_its_line() -> None:
    snapshot = read(FILE)
    assert [note.split(":")[0:2] for note in snapshot.notes] == [
        ["line 4", " `max_tokens`"],
        ["line 6", " `provider`"],
        ["line 7", " `endpoint`"],
        ["line 9", " `tools.0.version`"],
        ["line 19", ' `<user name="ann">`'],
        ["line 19", " `{{`"],
        ["line 21", ' `<tool name="find" id="1">`'],
        ["line 23", ' `<tool name="find" id="1">`'],
        ["line 28", ' `<image url="https'],
    ]


def test_a_text_without_tags_is_a_text() -> None:
    assert read("---\nmodel: m\n---\n\nWrite {{x}}\n").draft.version.template == TextTemplate("Write {{x}}")


def test_text_alone_in_its_tag_is_the_message() -> None:
    template = read("<user>\n <text>\n Hi\n </text>\n</user>").draft.version.template
    assert template == ChatTemplate((ChatMessage(ChatRole.USER, "Hi"),))


def test_jinja_is_read_where_it_is_said() -> None:
    snapshot = read("---\ntemplate_language: jinja\n---\n<user>\n\n{% if a %}\n{{a}}{# b #}</user>")
    assert snapshot.draft.version.template == ChatTemplate((ChatMessage(ChatRole.USER, "{% if a %}\n{{a}}"),))
    assert [note.split(":")[0] for note in snapshot.notes] == ["line 2", "line 6", "line 7"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<user>a</user>\nstray", "line 2: this text stands in no message"),
        ("a\n\n<user>b</user>", "line 1: this text stands in no message"),
        ("---\na: 1\n---\n<user>b", "line 4: <user> is never closed"),
    ],
)
def test_what_is_no_message_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        read(text)

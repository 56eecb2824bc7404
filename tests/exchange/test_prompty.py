import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    ModelSettings,
    Variable,
    VariableType,
)
from graph.exchange.entries import Snapshot
from graph.exchange.prompty import read_prompty_file
from tests.exchange.sources import source_of

SYSTEM, USER, ASSISTANT = ChatRole.SYSTEM, ChatRole.USER, ChatRole.ASSISTANT
FILE = """---
name: weather-talk
displayName: Weather talk
description: Talks of the weather
tags: [weather, talk]
version: 3
model:
  id: gpt-4o
  provider: azure
  apiType: chat
  connection:
    kind: key
    endpoint: https://example.com
    apiKey: hush
  options:
    temperature: 0.2
    maxOutputTokens: 50
    additionalProperties: {user: me}
inputs:
  place:
    kind: string
    description: where
    default: Oslo
  days: 3
  past: {kind: thread}
  photo: {kind: image}
  note: {kind: string, required: false}
outputs:
  - {name: degrees, kind: float, required: true}
tools:
  - name: look
    kind: function
    parameters: [{name: at, kind: string, required: true}]
  - {name: other, kind: mcp, serverName: s}
---
Be brief.

system:
You know {{place}} for {{ days }} days.
User: is not a role {{note}}

{{past}}

# user:
And {{photo}}?
{% if note %}
assistant:
{{note}}
{% endif %}

Assistant[name="x"]:

"""


def read(text: str) -> Snapshot:
    return read_prompty_file(source_of(text, "talk.prompty"), Limits())


def test_a_file_is_read_with_all_that_has_a_place() -> None:
    draft = read(FILE).draft
    assert (draft.name, draft.title, draft.tags) == ("talk", "Weather talk", ("weather", "talk"))
    assert draft.version.template == ChatTemplate(
        (
            ChatMessage(SYSTEM, "Be brief."),
            ChatMessage(SYSTEM, "You know {{place}} for {{ days }} days.\nUser: is not a role {{note}}"),
            MessagesPlaceholder("past"),
            ChatMessage(USER, "And \\{{photo}}?\n{% if note %}\nassistant:\n{{note}}\n{% endif %}"),
            ChatMessage(ASSISTANT, ""),
        )
    )
    assert draft.version.variables == (
        Variable("place", description="where", default_value='"Oslo"'),
        Variable("days", VariableType.NUMBER, default_value="3"),
        Variable("note", default_value='""'),
    )
    assert draft.version.model_settings == ModelSettings(
        "gpt-4o",
        0.2,
        max_output_tokens=50,
        tools=(
            {
                "type": "function",
                "function": {
                    "name": "look",
                    "parameters": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
                },
            },
        ),
        response_schema={
            "type": "object",
            "properties": {"degrees": {"type": "number"}},
            "required": ["degrees"],
            "additionalProperties": False,
        },
        extra={"user": "me"},
    )


def test_what_is_not_kept_is_told_with_its_line_and_secrets_are_nowhere() -> None:
    snapshot = read(FILE)
    assert [note.split(":")[0:2] for note in snapshot.notes] == [
        ["line 6", " `version`"],
        ["line 9", " `model.provider`"],
        ["line 11", " `model.connection`"],
        ["line 34", " `tools.1`"],
        ["line 45", " `{{photo}}`"],
        ["line 46", " `{% if note %}`"],
        ["line 47", " `assistant"],
        ["line 51", ' `[name="x"]`'],
    ]
    assert snapshot.draft.metadata["prompty"]["version"] == 3
    assert "hush" not in str(snapshot)


def test_the_first_version_is_read_too() -> None:
    snapshot = read(
        "---\nmodel:\n  api: chat\n  configuration: {type: azure_openai, azure_deployment: gpt-35}\n"
        "  parameters: {max_tokens: 7}\nsample: {q: hello}\n---\nuser:\n{{q}}\n"
    )
    assert snapshot.draft.version.model_settings == ModelSettings("gpt-35", max_output_tokens=7)
    assert snapshot.draft.version.variables == ()
    assert snapshot.draft.metadata == {"prompty": {"sample": {"q": "hello"}}}


def test_mustache_is_read_where_it_is_said() -> None:
    text = "---\ntemplate: {format: {kind: mustache}}\n---\nuser:\n{{q}}{{#list}}{{q}}{{/list}}{% if %}"
    snapshot = read(text)
    expected = "{{q}}\\{{#list}}\\{{q}}\\{{/list}}{% if %}"
    assert snapshot.draft.version.template == ChatTemplate((ChatMessage(USER, expected),))


def test_what_stands_in_another_file_is_told() -> None:
    snapshot = read("---\ninputs: ${file:a.json}\n---\nuser:\n{{q}}")
    assert snapshot.notes == ("line 2: `inputs`: another file is not read; it is kept in the metadata.",)


@pytest.mark.parametrize(
    "text", ["---\ntemplate: liquid\n---\nx", "---\ninputs: [1]\n---\nx", "---\ntools: [1]\n---\nx"]
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read(text)


@pytest.mark.parametrize(
    "model", ["  id: ${env:MODEL}", "  configuration: {azure_deployment: '${env:MODEL}', type: azure_openai}"]
)
def test_a_model_that_is_filled_in_elsewhere_is_told_and_not_set(model: str) -> None:
    snapshot = read(f"---\nname: a\nmodel:\n{model}\n---\nsystem:\nHi")
    assert snapshot.draft.version.model_settings is None
    assert any("is not filled in here" in note and note.startswith("line 4") for note in snapshot.notes)

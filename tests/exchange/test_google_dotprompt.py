import pytest

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    MessagesPlaceholder,
    ModelSettings,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.exchange.entries import Snapshot
from graph.exchange.google_dotprompt import read_dotprompt_file
from tests.exchange.sources import source_of

FILE = """# Somebody's licence

---
name: Table talk
description: Talks of food
model: googleai/gemini-pro
config:
  temperature: 0.5
  topK: 3
  stopSequences: [END]
  apiKey: abc
input:
  schema:
    dish: string, what is eaten
    guests?: integer
    note?: string
    colour?(enum, of the plate): [RED, BLUE]
    unused: string
  default:
    guests: 4
output:
  format: json
  schema:
    answer: string, the answer
    steps(array): string
tools: [find]
mine.key: 1
---
{{role "system"}}You cook for {{guests}}.
System: not a role {{note}}
{{history}}
{{role "user"}}Recipe for {{dish}} on {{colour}}?
{{#if note}}See {{note}}.{{/if}}
{{media url=photo}}
"""


def read(text: str) -> Snapshot:
    return read_dotprompt_file(source_of(text, "food/talk.prompt"), Limits())


def test_a_file_is_read_with_all_that_has_a_place() -> None:
    snapshot = read(FILE)
    draft = snapshot.draft
    assert (draft.name, draft.title, draft.description) == ("food/talk", "Table talk", "Talks of food")
    assert draft.version.template == ChatTemplate(
        (
            ChatMessage(ChatRole.SYSTEM, "You cook for {{guests}}.\nSystem: not a role {{note}}\n"),
            MessagesPlaceholder("history"),
            ChatMessage(
                ChatRole.USER,
                "Recipe for {{dish}} on {{colour}}?\n\\{{#if note}}See {{note}}.\\{{/if}}\n\\{{media url=photo}}",
            ),
        )
    )
    assert draft.version.variables == (
        Variable("dish", description="what is eaten"),
        Variable("guests", VariableType.NUMBER, default_value="4"),
        Variable("note", default_value='""'),
        Variable("colour", description="of the plate"),
    )
    schema = {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "description": "the answer"},
            "steps": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["answer", "steps"],
        "additionalProperties": False,
    }
    assert draft.version.model_settings == ModelSettings(
        "googleai/gemini-pro", 0.5, response_schema=schema, extra={"top_k": 3, "stop": ["END"]}
    )


def test_what_is_not_kept_is_told_with_its_line() -> None:
    snapshot = read(FILE)
    assert [note.split(":")[0:2] for note in snapshot.notes] == [
        ["line 11", " `config.apiKey`"],
        ["line 17", " `input.schema.colour`"],
        ["line 18", " `input.schema.unused`"],
        ["line 26", " `tools`"],
        ["line 27", " `mine.key`"],
        ["line 33", " `{{#if note}}`"],
        ["line 34", " `{{media url=photo}}`"],
    ]
    assert snapshot.draft.metadata == {
        "dotprompt": {
            "tools": ["find"],
            "mine.key": 1,
            "input": {"schema": {"colour": {"enum": ["RED", "BLUE", None]}, "unused": {"type": "string"}}},
        }
    }
    assert "abc" not in str(snapshot)


def test_without_roles_it_is_a_text_and_without_front_matter_it_is_kept_to_the_letter() -> None:
    assert read("Hi {{name}}\nUser: hello\n").draft.version.template == TextTemplate("Hi {{name}}\nUser: hello\n")
    assert read("---\nmodel: m\n---\n\nHi\n").draft.version.template == TextTemplate("Hi")


def test_text_after_the_history_is_the_models_and_before_any_role_the_users() -> None:
    assert read("Hello{{history}}Well").draft.version.template == ChatTemplate(
        (
            ChatMessage(ChatRole.USER, "Hello"),
            MessagesPlaceholder("history"),
            ChatMessage(ChatRole.ASSISTANT, "Well"),
        )
    )


def test_schemas_known_by_name_only_are_kept_and_told() -> None:
    snapshot = read("---\ninput: {schema: Mine}\noutput: {schema: Theirs}\n---\n{{x}}")
    assert snapshot.draft.metadata == {"dotprompt": {"input": {"schema": "Mine"}, "output": {"schema": "Theirs"}}}
    assert len(snapshot.notes) == 2


def test_a_default_of_another_type_is_left_out_and_told() -> None:
    snapshot = read("---\ninput:\n  schema: {n: number}\n  default: {n: five, s: 1}\n---\n{{n}}{{s}}")
    assert snapshot.draft.version.variables == (
        Variable("n", VariableType.NUMBER),
        Variable("s", VariableType.NUMBER, default_value="1"),
    )
    assert "line 3: `input.schema.n`: its default 'five'" in snapshot.notes[0]


def test_tools_are_functions() -> None:
    snapshot = read(
        "---\ntoolDefs:\n  - {name: f, description: d, inputSchema: {a: string}, outputSchema: {b: string}}\n---\nx"
    )
    settings = snapshot.draft.version.model_settings
    assert settings
    assert settings.tools[0]["function"]["parameters"]["required"] == ["a"]
    assert snapshot.notes == ("line 3: `toolDefs.0.outputSchema`: it has no place here; it is kept in the metadata.",)


@pytest.mark.parametrize("text", ["---\na: [\n---\nx", "---\na: 1\nx", "---\n- a\n---\nx", "---\nconfig: 1\n---\nx"])
def test_front_matter_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read(text)


def test_broken_front_matter_is_told_with_its_line_in_the_file() -> None:
    with pytest.raises(InvalidInputError, match="no YAML at line 5"):
        read("# Somebody's licence\n\n---\nmodel: m\na: b: c\n---\nx")
    with pytest.raises(InvalidInputError, match=r"Tags are not read.*line 3"):
        read("---\nmodel: m\na: !b c\n---\nx")


def test_what_is_no_schema_of_a_variable_is_kept_and_told() -> None:
    snapshot = read("---\ninput:\n  schema:\n    type: object\n    properties: {a: string, b: 1}\n---\n{{a}}")
    assert [note.split(": ", 2)[1:] for note in snapshot.notes] == [
        ["`input.schema.a`", "it is no schema; it is kept in the metadata."],
        ["`input.schema.b`", "the text does not use it; it is kept in the metadata."],
    ]
    assert snapshot.draft.metadata == {"dotprompt": {"input": {"schema": {"a": "string", "b": 1}}}}
    assert [variable.name for variable in snapshot.draft.version.variables] == ["a"]


def test_what_is_required_need_not_be_a_list() -> None:
    text = "---\ninput: {schema: {type: object, properties: {a: {type: string}}, required: 1}}\n---\n{{a}}"
    assert read(text).draft.version.variables == (Variable("a", default_value='""'),)

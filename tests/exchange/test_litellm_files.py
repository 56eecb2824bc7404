from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.limits import Limits
from graph.domain.prompts import VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    ModelSettings,
    TextTemplate,
    Variable,
    VariableType,
)
from graph.exchange.entries import History
from graph.exchange.litellm_dotprompt import join_dotprompt, write_dotprompt
from graph.exchange.litellm_files import read_litellm_file, read_litellm_files
from graph.exchange.source import SourceFile
from graph.templating.variables import build_content
from tests.exchange.sources import WRITTEN, as_refused, as_snapshot, source_of
from tests.exchange.test_litellm_dotprompt import TEMPLATES

LIMITS = Limits()
FILE = """---
model: gpt-4o
temperature: 0.1
input:
  schema: {name: string, unused: string}
  example: {name: Ada}
output:
  schema: {answer: string}
---
Hello
System: You are kind to {{name}}.
{% if name %}
User: {{name}}
{% endif %}
Developer: {{ name | upper }}
Assistant:
"""


def test_an_optional_variable_is_one_without_its_mark_and_a_model_that_is_filled_in_is_told() -> None:
    head = "model: '{{ which }}'\ninput:\n  schema:\n    code?: string, some code\n    n?: integer\n    odd?: string\n"
    snapshot = read_litellm_file(source_of(f"---\n{head}---\n{{{{code}}}} {{{{n}}}}"), LIMITS)
    assert snapshot.draft.version.variables == (
        Variable("code", description="some code", default_value='""'),
        Variable("n", VariableType.NUMBER),
    )
    assert snapshot.draft.version.model_settings is None
    assert [note.split(":")[0:2] for note in snapshot.notes] == [
        ["line 2", " `model`"],
        ["line 7", " `input.schema.odd`"],
    ]


def test_a_file_is_read_and_what_is_not_kept_is_told_with_its_line() -> None:
    snapshot = read_litellm_file(source_of(FILE, "a/greet.v3.prompt"), LIMITS)
    assert snapshot.draft.name == "a/greet"
    assert snapshot.draft.version.template == ChatTemplate(
        (
            ChatMessage(ChatRole.USER, "Hello"),
            ChatMessage(ChatRole.SYSTEM, "You are kind to {{name}}.\n{% if name %}\nUser: {{name}}\n{% endif %}"),
            ChatMessage(ChatRole.DEVELOPER, "\\{{ name | upper }}"),
            ChatMessage(ChatRole.ASSISTANT, ""),
        )
    )
    assert snapshot.draft.version.variables == (Variable("name"),)
    settings = snapshot.draft.version.model_settings
    assert settings
    assert settings.response_schema
    assert [note.split(":")[0:2] for note in snapshot.notes] == [
        ["line 5", " `input.schema.unused`"],
        ["line 6", " `input.example`"],
        ["line 12", " `{% if name %}`"],
        ["line 13", " `User"],
        ["line 15", " `{{ name | upper }}`"],
    ]


@given(TEMPLATES, st.booleans())
def test_what_the_wire_writes_is_read_the_same(template: TextTemplate | ChatTemplate, has_settings: bool) -> None:
    settings = ModelSettings("m", 1.0, tools=({"a": 1},), extra={"stop": ["\n"]}) if has_settings else None
    content = build_content(VersionDraft(template, model_settings=settings), LIMITS)
    written = write_dotprompt(content)
    if written is not None:
        snapshot = read_litellm_file(source_of(join_dotprompt(*written)), LIMITS)
        assert build_content(snapshot.draft.version, LIMITS) == content
        assert snapshot.notes == ()


def files(*numbers: str) -> list[SourceFile]:
    return [source_of(f"Text {number}", f"greet{number}.prompt") for number in numbers]


def test_versions_are_one_history_in_the_order_of_their_numbers() -> None:
    sources = files(".v10", ".v2", "")
    older = SourceFile(sources[0].parts, sources[0].data, WRITTEN - timedelta(days=1), 64)
    (entry,) = read_litellm_files([older, *sources[1:]], LIMITS)
    assert isinstance(entry, History)
    assert entry.name == "greet"
    assert [version.draft.template for version in entry.versions] == [
        TextTemplate(f"Text{number}") for number in ("", " .v2", " .v10")
    ]
    assert [version.created_at for version in entry.versions] == [WRITTEN] * 3
    assert entry.notes == ("Version 10 is version 3 here.",)


def test_a_version_that_says_the_same_as_the_one_before_is_left_out_and_told() -> None:
    sources = [source_of("same", f"greet.v{number}.prompt") for number in (1, 2)]
    (entry,) = read_litellm_files(sources, LIMITS)
    assert as_snapshot(entry).notes == ("Version 2 says what the one before it says, and is left out.",)


def test_one_version_is_no_history() -> None:
    (entry,) = read_litellm_files(files(".v7"), LIMITS)
    assert as_snapshot(entry).name == "greet"


def test_a_file_without_a_version_beside_the_first_is_refused_and_so_is_the_rest() -> None:
    first, second = map(as_refused, read_litellm_files(files("", ".v1"), LIMITS))
    assert (first.place, second.place) == ("greet.prompt", "greet.v1.prompt")
    assert "version 1 beside it" in first.reason
    assert "Mend that one first" in second.reason

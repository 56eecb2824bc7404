import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.limits import Limits
from graph.domain.templates import ChatMessage, ChatRole
from graph.exchange.entries import Entry, Refused, UnusableFileError
from graph.exchange.formats import KINDS, ImportFormat, find_kind
from graph.exchange.limits import ExchangeLimits
from graph.exchange.reading import read_path
from graph.templating.renderer import render
from graph.templating.variables import build_content
from tests.exchange.sources import as_snapshot, source_of

LIMITS = Limits()
F = ImportFormat
GENIUS = '[{"id": "1", "title": "a", "text": "b", "folder": ""}]'
LANGFUSE = '[{"name": "a", "type": "text", "prompt": "b", "labels": []}]'


@pytest.mark.parametrize(
    ("path", "text", "form"),
    [
        ("a.md", "b", F.MARKDOWN),
        ("a.csv", "act,prompt\na,b\n", F.COLLECTION),
        ("a.csv", "Title,Text,Description,Folder,Tags - Separated with semicolons\n", F.GENIUS),
        ("a.csv", "title,content,description,folder,tags\n", F.GENIUS),
        ("a.csv", "", F.COLLECTION),
        ("a.json", GENIUS, F.GENIUS),
        ("a.json", LANGFUSE, F.LANGFUSE),
        ("a.json", '{"name": "a", "prompt": "b"}', F.PROMPTGRAPH),
        ("a.json", "[", F.PROMPTGRAPH),
        ("a.prompt", "<user>\nHi\n</user>", F.HUMANLOOP),
        ("a.prompt", "---\nprovider: openai\nendpoint: complete\n---\nHi {{x}}", F.HUMANLOOP),
        ("a.prompt", "---\ntemperature: 1\n---\nHi", F.LITELLM),
        ("a.prompt", "System: Hi", F.LITELLM),
        ("a.prompt", "{% if a %}", F.LITELLM),
        ("a.v2.prompt", "Hi", F.LITELLM),
        ("a.prompt", "Hi", F.DOTPROMPT),
        ("a.prompt", '{{role "user"}}\nUser: Hi', F.DOTPROMPT),
        ("a.prompt", "---\nconfig: {temperature: 1}\n---\nSystem: Hi", F.DOTPROMPT),
        ("a.prompt", "---\na: [\n---\n", F.DOTPROMPT),
        ("A.PROMPTY", "system:\nHi", F.PROMPTY),
    ],
)
def test_a_file_is_known_by_its_name_and_what_it_holds(path: str, text: str, form: ImportFormat) -> None:
    assert find_kind(source_of(text, path), None).form is form


def test_the_format_asked_for_comes_first() -> None:
    assert find_kind(source_of("System: Hi"), F.DOTPROMPT).form is F.DOTPROMPT
    assert find_kind(source_of("Hi", "a.txt"), F.PROMPTY).form is F.PROMPTY
    assert find_kind(source_of("x,y\n", "a.csv"), F.GENIUS).suffix == ".csv"
    assert find_kind(source_of(GENIUS, "a.txt"), F.GENIUS).suffix == ".json"


def test_a_file_of_no_known_kind_is_told_which_are() -> None:
    with pytest.raises(UnusableFileError, match=r"\.prompty"):
        find_kind(source_of("Hi", "a.txt"), None)


def test_every_format_is_read_by_somebody() -> None:
    assert {kind.form for kind in KINDS} == set(ImportFormat)


def test_a_file_that_cannot_be_read_is_refused_with_its_reason() -> None:
    for path in ("a.md", "a.prompt", "a.prompty"):
        source = source_of("---\na: [\n---\nx", path)
        (entry,) = find_kind(source, None).read([source], LIMITS)
        assert isinstance(entry, Refused)
        assert entry.place == path
        assert "line " in entry.reason


def entries_of(path: Path, form: ImportFormat | None = None) -> list[Entry]:
    return list(read_path(path, LIMITS, ExchangeLimits(), form).entries)


def test_a_folder_holds_files_of_every_format_of_one_prompt_each(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, text in {
        "a.md": "x",
        "sub/b.prompt": "<user>x</user>",
        "c.prompt": "x",
        "d.v1.prompt": "x",
        "d.v2.prompt": "y",
        "e.prompty": "x",
        "list.json": "[]",
        "bad.prompt": "---\na: [\n---\n",
        "d.md": "another",
    }.items():
        (tmp_path / name).write_text(text)
    assert sorted((entry.place, entry.name) for entry in entries_of(tmp_path)) == [
        ("a.md", "a"),
        ("bad.prompt", "bad"),
        ("c.prompt", "c"),
        ("d.md", "d"),
        ("d.v1.prompt", "d"),
        ("e.prompty", "e"),
        ("sub/b.prompt", "sub/b"),
    ]


def test_with_a_format_a_folder_is_read_for_its_files_only(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    (tmp_path / "b.json").write_text(LANGFUSE)
    (tmp_path / "c.json").write_text("[")
    first, second = entries_of(tmp_path, F.LANGFUSE)
    assert first.name == "a"
    assert isinstance(second, Refused)
    assert (second.place, second.reason[:8]) == ("c.json", "line 1: ")


FILES = {
    F.DOTPROMPT: '{{role "system"}}Be kind.{{role "user"}}{{x}}',
    F.LITELLM: "System: Be kind.\nUser: {{x}}",
    F.PROMPTY: "system:\nBe kind.\nuser:\n{{x}}",
    F.HUMANLOOP: "<system>Be kind.</system>\n<user>{{x}}</user>",
    F.LANGFUSE: json.dumps(
        [{"name": "a", "prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "{{x}}"}]}]
    ),
}
HOSTILE = ["\n", "System:", "system:\n", "</user><system>", '{{role "system"}}', "{{x}}", "Developer: ", "a"]


@pytest.mark.parametrize("form", FILES)
@given(value=st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_a_value_never_makes_a_message_or_a_role(form: ImportFormat, value: str) -> None:
    source = source_of(FILES[form])
    (entry,) = find_kind(source, form).read([source], LIMITS)
    content = build_content(as_snapshot(entry).draft.version, LIMITS)
    assert render(content, {"x": value}, LIMITS).content == (
        ChatMessage(ChatRole.SYSTEM, "Be kind."),
        ChatMessage(ChatRole.USER, value),
    )

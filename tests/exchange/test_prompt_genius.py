import json
from typing import Any

import pytest

from graph.domain.limits import Limits
from graph.domain.templates import TextTemplate, Variable, VariableType
from graph.exchange.entries import Entry, UnusableFileError
from graph.exchange.prompt_genius import is_genius_header, looks_like_genius, read_genius_array, read_genius_table
from tests.exchange.sources import as_refused, as_snapshot, source_of

TEMPLATE = "Title,Text,Description,Folder,Tags - Separated with semicolons\n"
EXPORT = "title,content,description,folder,tags\n"


def read_table(text: str) -> list[Entry]:
    return read_genius_table([source_of(text, "x.csv")], Limits())


def read_array(*items: Any) -> list[Entry]:
    return read_genius_array([source_of(json.dumps(items), "x.json")], Limits())


@pytest.mark.parametrize("header", [TEMPLATE, EXPORT, "a,b,c,d,e\n"])
def test_the_columns_are_read_by_position(header: str) -> None:
    short, full = map(
        as_snapshot, read_table(header + '\nShort,x\nLong / one,"Hi\n{{name}}",says hi,My folder,a; b;;a\n')
    )
    assert (short.place, short.name, short.draft.version.template) == ("line 3", "Short", TextTemplate("x"))
    assert full.place == "line 4"
    assert full.name.startswith("My folder/Long - one ~")
    assert full.draft.title == "Long / one"
    assert full.draft.description == "says hi"
    assert full.draft.tags == ("a", "b")
    assert full.draft.version.template == TextTemplate("Hi\n{{name}}")


def test_a_row_that_its_export_broke_at_line_breaks_is_put_together() -> None:
    first, second, third = map(as_snapshot, read_table(f"{EXPORT}A,one\n\ntwo,says\nmore,f,\nB,b,,,t\nC,c\n"))
    assert (first.name, first.draft.version.template) == ("f/A", TextTemplate("one\n\ntwo"))
    assert (first.draft.description, first.place) == ("says\nmore", "line 2")
    assert first.notes == ("This and the 3 lines below it are one row: its line breaks have no quotes around them.",)
    assert (second.name, second.draft.tags, third.name) == ("B", ("t",), "C")
    hand_made = read_table(f"{TEMPLATE}A,a\nB,b\nC,c\nD,d\n")
    assert [as_snapshot(entry).name for entry in hand_made] == ["A", "B", "C", "D"]


def test_what_it_says_beside_the_text_follows_the_next_import() -> None:
    (entry,) = read_array({"title": "A", "text": "x", "description": "", "tags": ["t"]})
    assert as_snapshot(entry).follows == {"title", "tags"}


def test_more_cells_than_columns_are_told_and_a_row_without_a_title_is_refused() -> None:
    first, second = read_table(EXPORT + "A,a,,,,more\n,b,,,\n")
    assert as_snapshot(first).notes == ("Left out, for there are five columns: 'more'.",)
    assert as_refused(second).place == "line 3"


def test_an_array_is_read() -> None:
    item = {"id": "1", "title": "A", "text": "Hi", "description": "", "folder": "f", "tags": ["t"], "lastChanged": 1}
    first, second = read_array({**item, "odd": 1}, {"title": 1})
    snapshot = as_snapshot(first)
    assert (snapshot.name, snapshot.draft.tags, snapshot.draft.description) == ("f/A", ("t",), None)
    assert snapshot.notes == ("Left out: 'odd'.",)
    assert as_refused(second).place == "item 2, line 1"


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("{{first name}} {{first name}} {{First-Name}}", "{{first_name}} {{first_name}} {{First-Name}}"),
        ("{{a b}} {{a_b}} {{a.b c}}", "{{a_b_2}} {{a_b}} {{a_b_c}}"),
        ("{{Größe}}", "{{Gro_e}}"),
        ("{{ }} {{!}}", "\\{{ }} \\{{!}}"),
        ("\\{{x}}", "\\\\{{x}}"),
        ("{{if a == 1 {b::text};else {c}}}", "\\{{if a == 1 {b::text};else {c}}}"),
        ("{a} {{", "{a} \\{{"),
    ],
)
def test_any_words_are_a_variable(text: str, template: str) -> None:
    (entry,) = read_array({"title": "A", "text": text})
    assert as_snapshot(entry).draft.version.template == TextTemplate(template)


def test_typed_variables_keep_what_we_have_too() -> None:
    (entry,) = read_array(
        {"title": "A", "text": "{{n::number-3}} {{m::number-x}}\n{{l::list-a; b}} {{t::largeText}} {{s::list@set}}"}
    )
    snapshot = as_snapshot(entry)
    assert snapshot.draft.version.template == TextTemplate("{{n}} {{m}}\n{{l}} {{t}} {{s}}")
    assert snapshot.draft.version.variables == (
        Variable("n", VariableType.NUMBER, default_value="3"),
        Variable("m", VariableType.NUMBER),
        Variable("l", description="One of: a; b"),
    )
    assert [note.split(":")[0] for note in snapshot.notes] == [
        "line 1 of its text",
        "line 2 of its text",
        "line 2 of its text",
    ]


def test_a_table_without_a_first_row_is_unusable() -> None:
    with pytest.raises(UnusableFileError, match="line 1"):
        read_table("")


def test_its_files_are_known() -> None:
    assert is_genius_header(TEMPLATE.strip().split(","))
    assert is_genius_header(EXPORT.strip().split(","))
    assert not is_genius_header(["act", "prompt"])
    assert looks_like_genius({"id": "1", "title": "a", "text": "b", "folder": ""})
    assert not looks_like_genius({"title": "a", "text": "b"})

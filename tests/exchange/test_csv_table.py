import csv
from pathlib import Path

import pytest

from graph.domain.limits import Limits
from graph.domain.templates import TextTemplate, Variable
from graph.exchange.csv_table import read_table
from graph.exchange.entries import Refused, Snapshot, UnusableFileError

LIMITS = Limits()
COLLECTION = Path(__file__).parents[3] / "shared" / "data" / "prompts.csv"


def read_one(table: str) -> Snapshot:
    (entry,) = read_table(table.encode(), LIMITS)
    assert isinstance(entry, Snapshot)
    return entry


def test_the_old_columns_make_a_prompt() -> None:
    entry = read_one('act,prompt\r\nPoet,"Write\na ""poem"" /.\r\n  "\r\n')
    assert entry.place == "line 2"
    assert (entry.draft.name, entry.draft.title) == ("Poet", "Poet")
    assert entry.draft.version.template == TextTemplate('Write\na "poem" /.\r\n  ')


def test_the_new_columns_become_category_tag_and_metadata() -> None:
    entry = read_one('act,prompt,for_devs,type,contributor,notes\nPoet,x,TRUE,STRUCTURED,"f,g",\n')
    assert entry.draft.category == "structured"
    assert entry.draft.tags == ("for-devs",)
    assert entry.draft.metadata == {"contributor": "f,g"}


def test_dollar_variables_get_their_defaults_and_what_changed_is_told() -> None:
    entry = read_one("act,prompt\nPoet,On ${my topic:love} or ${my topic:war}.\n")
    assert entry.draft.version.template == TextTemplate("On {{my_topic}} or {{my_topic}}.")
    assert entry.draft.version.variables == (Variable("my_topic", default_value='"love"'),)
    assert entry.notes == (
        "The variable 'my topic' is now named 'my_topic'.",
        "A second default of 'my_topic' was dropped: 'war'.",
    )


def test_a_title_is_kept_whole_where_the_name_is_not() -> None:
    entry = read_one("act,prompt\n UX/UI Developer ,x\n")
    assert entry.draft.title == "UX/UI Developer"
    assert "/" not in entry.draft.name


def test_names_do_not_depend_on_other_rows_or_their_order() -> None:
    rows = ["Life Coach,a", "Life coach,b", "A/B,c"]
    one, other = (read_table("\n".join(["act,prompt", *order]).encode(), LIMITS) for order in (rows, rows[::-1]))
    assert {entry.name for entry in one} == {entry.name for entry in other}
    assert len({entry.name for entry in one}) == 3


def test_a_cell_of_150000_characters_is_read() -> None:
    entry = read_one(f'act,prompt\nLong,"{"x" * 150_000}"\n')
    assert entry.draft.version.template == TextTemplate("x" * 150_000)


def test_the_bound_of_other_readers_of_csv_stays_as_it_was() -> None:
    before = csv.field_size_limit()
    read_one("act,prompt\na,b\n")
    assert csv.field_size_limit() == before


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    (entry,) = read_table(b"\xef\xbb\xbfact,prompt\na,b\n", LIMITS)
    assert entry.name == "a"


@pytest.mark.parametrize(
    ("table", "line", "reason"),
    [
        (b"act,prompt\na,b\nc,\xe9t\xe9\n", 3, "not UTF-8 (byte 0xe9)"),
        ("act,prompt\na,b\n".encode("utf-16"), 1, "not UTF-8"),
        (b"act,prompt\na,b\nc,d\0e\n", 3, "NUL"),
        (b"act,text\na,b\n", 1, "no column `prompt`"),
        (b"", 1, "no column `act`"),
        (b"act,prompt,act\na,b,c\n", 1, "twice"),
        (b'act,prompt\na,b\nc,"d\ne,f\n', 3, "never closed"),
        (b'act,prompt\na,"b"c\n', 2, "followed by something else"),
    ],
)
def test_a_broken_table_is_unusable_and_the_line_is_told(table: bytes, line: int, reason: str) -> None:
    with pytest.raises(UnusableFileError) as error:
        read_table(table, LIMITS)
    assert str(error.value).startswith(f"line {line}: ")
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a", "1 cells; the header has 2"),
        ("a,b,c", "3 cells"),
        (",b", "1 to 255 characters"),
        ("   ,b", "1 to 255 characters"),
        ('"a\nb",c', "one line"),
        ("x" * 256 + ",c", "256"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_read(row: str, reason: str) -> None:
    first, bad, last = read_table(f"act,prompt\nfirst,x\n\n{row}\nlast,y\n".encode(), LIMITS)
    assert isinstance(bad, Refused)
    assert bad.place == "line 4"
    assert reason in bad.reason
    assert (first.name, last.name) == ("first", "last")


@pytest.mark.skipif(not COLLECTION.exists(), reason="needs the collection in ../shared/data/prompts.csv")
def test_the_public_collection_is_read_whole() -> None:
    entries = read_table(COLLECTION.read_bytes(), LIMITS)
    assert len(entries) == len({entry.name for entry in entries}) == 1126
    with COLLECTION.open(newline="", encoding="utf-8") as file:
        titles = [row["act"].strip() for row in csv.DictReader(file)]
    assert [entry.draft.title for entry in entries if isinstance(entry, Snapshot)] == titles

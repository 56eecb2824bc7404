"""CSV as the public prompt collections have it: `act,prompt` and, in newer ones, `for_devs,type,contributor`.

- `act` is the title, without spaces at its ends; the name follows from it by the rule in `names.py`.
- `prompt` is the text, to the letter but for `${name:default}`, which becomes `{{name}}` with its default.
- `type` in small letters is the category; `for_devs` TRUE is the tag `for-devs`.
- Any other column, `contributor` among them, is kept in the metadata under its own name, where it is not empty.

The file is read whole before anything is imported: what breaks the table itself makes all of it unusable.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from graph.domain.errors import InvalidInputError
from graph.domain.limits import Limits
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.rules import clean_title
from graph.domain.templates import TextTemplate
from graph.exchange.entries import Entry, Refused, Snapshot, UnusableFileError, refuse
from graph.exchange.names import name_of_title
from graph.exchange.text import decode, refuse_nul
from graph.templating.dollar import Converted, convert_dollar_variables

NEEDED = ("act", "prompt")
DEVELOPERS_TAG = "for-devs"


def read_table(data: bytes, limits: Limits) -> list[Entry]:
    """Every row as a prompt or a refusal. Raises UnusableFileError with the line."""
    return list(_read_rows(read_rows(data), limits))


def read_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Each row with the line it begins on. Raises UnusableFileError with the line where it is no table."""
    text = decode(data)
    refuse_nul(text)
    # The library's own bound on a cell is 131,072 characters, and is one for the process.
    former = csv.field_size_limit(max(len(text), 1))
    try:
        return list(_numbered_rows(text))
    finally:
        csv.field_size_limit(former)


def _read_rows(numbered: Iterable[tuple[int, list[str]]], limits: Limits) -> Iterator[Entry]:
    rows = iter(numbered)
    line, header = next(rows, (1, []))
    header = [column.strip() for column in header]
    _check_header(line, header)
    for line, cells in rows:
        if cells:
            yield _read_row(f"line {line}", header, cells, limits)


def _numbered_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnusableFileError(f"line {line}: {_explain(str(error), reader.line_num)}") from None


def _explain(error: str, line: int) -> str:
    if "unexpected end" in error:
        return "A quote that is opened in this row is never closed."
    if "expected after" in error:
        return f"A quote in this row, on line {line}, is followed by something else than a comma. Double it in text."
    return f"This row is no CSV: {error}."


def _check_header(line: int, header: Sequence[str]) -> None:
    for column in NEEDED:
        if column not in header:
            raise UnusableFileError(f"line {line}: The header has no column `{column}`; it needs `act` and `prompt`.")
    for column in header:
        if header.count(column) > 1:
            raise UnusableFileError(f"line {line}: The header has the column {column[:60]!r} twice.")


def _read_row(place: str, header: Sequence[str], cells: Sequence[str], limits: Limits) -> Entry:
    if len(cells) != len(header):
        return Refused(place, f"This row has {len(cells)} cells; the header has {len(header)}.")
    row = dict(zip(header, cells, strict=True))
    try:
        return collected_prompt(place, row, limits)
    except InvalidInputError as error:
        return refuse(place, error)


def collected_prompt(place: str, row: dict[str, str], limits: Limits) -> Snapshot:
    """A row of a collection as a prompt. Raises InvalidInputError when the title is none."""
    title = clean_title(row.pop("act").strip(), limits) or ""
    converted = convert_dollar_variables(row.pop("prompt"))
    is_for_developers = row.pop("for_devs", "").strip().upper() == "TRUE"
    draft = PromptDraft(
        name=name_of_title(title, limits),
        title=title,
        version=VersionDraft(TextTemplate(converted.text), converted.variables),
        category=row.pop("type", "").strip().lower() or None,
        tags=(DEVELOPERS_TAG,) if is_for_developers else (),
        metadata={column: cell for column, cell in row.items() if cell},
    )
    return Snapshot(place, draft, notes=conversion_notes(converted))


def conversion_notes(converted: Converted) -> tuple[str, ...]:
    """What a person should know of the conversion."""
    return (
        *(f"The variable {old!r} is now named {new!r}." for old, new in converted.renamed),
        *(
            f"A second default of {name!r} was dropped: {default[:100]!r}."
            for name, default in converted.dropped_defaults
        ),
    )

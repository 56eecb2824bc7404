"""AI Prompt Genius: its CSV, read by position as it reads it itself, and its JSON array.

The columns are title, text, description, folder and tags, whatever the first row calls them; tags stand between
semicolons. The folder and the title make the name. A variable is `{{any words}}`, and in newer versions
`{{name::number-3}}`, `{{name::list-a; b}}` or `{{if …}}`, of which the last stays text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import compact_json
from graph.domain.limits import Limits
from graph.domain.names import VARIABLE_PATTERN
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.rules import clean_title
from graph.domain.templates import TextTemplate, Variable, VariableType
from graph.exchange.csv_table import read_rows
from graph.exchange.entries import Entry, Snapshot, UnusableFileError, refuse
from graph.exchange.json_lines import read_items
from graph.exchange.names import name_of_title
from graph.exchange.shapes import Fields
from graph.exchange.source import SourceFile
from graph.exchange.text import refuse_nul
from graph.templating.dollar import legal_name
from graph.templating.foreign import join_pieces, shorten
from graph.templating.parser import Slot

_COLUMNS = ("title", "text", "description", "folder", "tags")
_EXPORTED = ("title", "content", "description", "folder", "tags")
_VARIABLE = re.compile(r"\{\{([^{}\n]{1,500}+)\}\}")
_CONDITION = re.compile(r"\{\{\s*+if\b")
_OWN = ("id", "lastChanged", "lastEdited")


def is_genius_header(cells: Sequence[str]) -> bool:
    """True for the first row of its tables."""
    names = [cell.strip().lower() for cell in cells]
    return len(names) >= 2 and names[0] == "title" and names[1] in ("text", "content") and "folder" in names[2:4]


def looks_like_genius(value: Any) -> bool:
    """True for an item of its arrays."""
    return isinstance(value, dict) and {"title", "text", "folder"} <= value.keys() and bool({*_OWN} & value.keys())


def read_genius_table(sources: Sequence[SourceFile], limits: Limits) -> list[Entry]:
    """Every row but the first. Raises UnusableFileError with the line."""
    (source,) = sources
    rows = read_rows(source.data)
    if not rows:
        raise UnusableFileError("line 1: There is no first row, which names the columns.")
    joined = _join(rows[1:]) if tuple(rows[0][1]) == _EXPORTED else [(line, cells, 1) for line, cells in rows[1:]]
    return [_read_row(line, cells, lines, limits) for line, cells, lines in joined if any(cells)]


def _join(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str], int]]:
    """Each row with the number of rows that it is made of.

    Its export puts no quotes around a cell that has line breaks and neither comma nor quote, so that one row comes as
    several short ones. Those that have five cells together are put together again.
    """
    short: list[tuple[int, list[str]]] = []
    for line, cells in rows:
        if len(cells) < len(_COLUMNS) and (cells or short):
            short.append((line, cells or [""]))
        count = sum(len(cells) for _, cells in short) - max(len(short) - 1, 0)
        if len(short) > 1 and count == len(_COLUMNS):
            yield short[0][0], "\n".join(map("\0".join, (cells for _, cells in short))).split("\0"), len(short)
            short = []
        elif len(cells) >= len(_COLUMNS) or count > len(_COLUMNS):
            yield from ((line, cells, 1) for line, cells in short)
            short = []
        if len(cells) >= len(_COLUMNS):
            yield line, cells, 1
    yield from ((line, cells, 1) for line, cells in short)


def _read_row(line: int, cells: Sequence[str], lines: int, limits: Limits) -> Entry:
    place = f"line {line}"
    row = dict(zip(_COLUMNS, cells, strict=False))
    tags = tuple(dict.fromkeys(tag.strip() for tag in row.pop("tags", "").split(";") if tag.strip()))
    left = [shorten(cell) for cell in cells[len(_COLUMNS) :] if cell]
    notes = [f"Left out, for there are five columns: {', '.join(map(repr, left[:10]))}."] if left else []
    if lines > 1:
        notes.append(
            f"This and the {lines - 1} lines below it are one row: its line breaks have no quotes around them."
        )
    try:
        return _build(place, row, tags, notes, limits)
    except InvalidInputError as error:
        return refuse(place, error)


def read_genius_array(sources: Sequence[SourceFile], limits: Limits) -> list[Entry]:
    """Every item. Raises UnusableFileError with the line."""
    (source,) = sources
    refuse_nul(source.text)
    items = enumerate(read_items(source.text), start=1)
    return [_read_item(f"item {number}, {line}", value, limits) for number, (line, value) in items]


def _read_item(place: str, value: Any, limits: Limits) -> Entry:
    try:
        fields = Fields(value)
        row = {key: fields.optional(key, str) or "" for key in _COLUMNS[:-1]}
        tags = fields.strings("tags")
        others = [key for key in fields.left() if key not in _OWN]
        notes = [f"Left out: {', '.join(repr(key[:60]) for key in others[:10])}."] if others else []
        return _build(place, row, tags, notes, limits)
    except InvalidInputError as error:
        return refuse(place, error)


def _build(place: str, row: dict[str, str], tags: tuple[str, ...], notes: list[str], limits: Limits) -> Snapshot:
    title = clean_title(row["title"].strip(), limits) or ""
    folder = row.get("folder", "").strip()
    above = f"{name_of_title(clean_title(folder, limits) or '', limits)}/" if folder else ""
    fields = _Fields()
    text = fields.read(row.get("text", ""))
    draft = PromptDraft(
        name=above + name_of_title(title, limits),
        title=title,
        version=VersionDraft(TextTemplate(text), tuple(fields.variables.values())),
        description=row.get("description", "").strip() or None,
        tags=tags,
    )
    follows = frozenset(fact for fact in ("title", "description", "tags") if getattr(draft, fact))
    return Snapshot(place, draft, follows, (*notes, *fields.notes))


@dataclass(slots=True)
class _Fields:
    """The variables of one text, and what of them was put differently."""

    names: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def read(self, text: str) -> str:
        """The text as a template of ours."""
        pieces: list[str | Slot] = []
        position = 0
        written = {match[1].partition("::")[0].strip() for match in _VARIABLE.finditer(text)}
        for match in _VARIABLE.finditer(text):
            pieces.append(text[position : match.start()])
            pieces.append(self._take(match, text, written))
            position = match.end()
        for match in _CONDITION.finditer(text):
            self._tell(text, match.start(), text[match.start() : match.start() + 60], "a condition is not kept")
        return join_pieces((*pieces, text[position:]))

    def _take(self, match: re.Match[str], text: str, written: set[str]) -> str | Slot:
        foreign, _, spec = match[1].partition("::")
        if _CONDITION.match(match[0]) or not any(character.isalnum() for character in foreign):
            return match[0]
        name = self._name(foreign.strip(), written)
        self._declare(name, spec.strip(), match, text)
        return Slot(name, match[0])

    def _name(self, foreign: str, written: set[str]) -> str:
        """Our name for theirs, always the same; one that is ours keeps it."""
        if foreign not in self.names:
            name = foreign if VARIABLE_PATTERN.fullmatch(foreign) else legal_name(foreign)
            number = 1
            while name != foreign and (name in self.names.values() or name in written):
                number += 1
                name = f"{legal_name(foreign)[:90]}_{number}"
            self.names[foreign] = name
            if name != foreign:
                self.notes.append(f"The variable {foreign[:60]!r} is now named {name!r}.")
        return self.names[foreign]

    def _declare(self, name: str, spec: str, match: re.Match[str], text: str) -> None:
        if name in self.variables or not spec or spec in ("text", "largeText"):
            return
        if spec == "number" or spec.startswith("number-"):
            default = _number(spec.removeprefix("number").removeprefix("-").strip())
            self.variables[name] = Variable(name, VariableType.NUMBER, default_value=default)
            if default is None and spec not in ("number", "number-"):
                self._tell(text, match.start(), match[0], "its default is no number, and is left out")
        elif spec.startswith("list-"):
            self.variables[name] = Variable(name, description=f"One of: {spec.removeprefix('list-').strip()}")
            self._tell(text, match.start(), match[0], "the choices are told in the description, and not checked")
        else:
            self._tell(text, match.start(), match[0], f"{shorten(spec)!r} is not kept")

    def _tell(self, text: str, position: int, what: str, why: str) -> None:
        self.notes.append(f"line {text.count(chr(10), 0, position) + 1} of its text: `{shorten(what)}`: {why}.")


def _number(text: str) -> str | None:
    try:
        return compact_json(int(text)) if re.fullmatch(r"-?[0-9]{1,15}", text) else compact_json(float(text))
    except ValueError:
        return None

"""Every format that is read, and how a file is known to be of it.

A file's suffix says which formats may be meant, and what stands in it which one is; where that is no sign, the last one
named for the suffix. To add a format write its module, with one function that reads files, and name it here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.limits import Limits
from graph.exchange.csv_table import read_rows, read_table
from graph.exchange.entries import Entry, UnusableFileError, refuse
from graph.exchange.google_dotprompt import RESERVED, read_dotprompt_file
from graph.exchange.humanloop_prompt import OPENING, read_humanloop_file
from graph.exchange.json_lines import read_array, read_items
from graph.exchange.langfuse_export import looks_like_langfuse, read_langfuse_export
from graph.exchange.litellm_dotprompt import ROLE_LINE
from graph.exchange.litellm_files import read_litellm_files, version_of
from graph.exchange.markdown import from_markdown
from graph.exchange.prompt_genius import is_genius_header, looks_like_genius, read_genius_array, read_genius_table
from graph.exchange.prompty import read_prompty_file
from graph.exchange.source import SourceFile, split_document

ReadFiles = Callable[[Sequence[SourceFile], Limits], Iterable[Entry]]
ReadFile = Callable[[SourceFile, Limits], Entry]


class ImportFormat(StrEnum):
    """The name of a format, as `--format` takes it."""

    PROMPTGRAPH = "promptgraph"
    MARKDOWN = "markdown"
    COLLECTION = "collection"
    GENIUS = "genius"
    LANGFUSE = "langfuse"
    LITELLM = "litellm"
    DOTPROMPT = "dotprompt"
    HUMANLOOP = "humanloop"
    PROMPTY = "prompty"


@dataclass(frozen=True, slots=True)
class Kind:
    """Files with this suffix in this format; `is_meant` says whether one is, as far as can be seen."""

    suffix: str
    form: ImportFormat
    read: ReadFiles
    is_meant: Callable[[SourceFile], bool] = lambda source: True
    is_one_prompt: bool = True


def _each(read: ReadFile) -> ReadFiles:
    """Files of one prompt each; one that cannot be read is refused, and the others go on."""

    def read_all(sources: Sequence[SourceFile], limits: Limits) -> Iterable[Entry]:
        for source in sources:
            try:
                yield read(source, limits)
            except InvalidInputError as error:
                yield refuse(source.place, error, source.stem)
            except UnusableFileError as error:
                yield refuse(source.place, InvalidInputError(str(error)), source.stem)

    return read_all


def _read_markdown(source: SourceFile, limits: Limits) -> Entry:
    return from_markdown(source.raw_text, source.place, source.stem, source.depth)


def _has_genius_header(source: SourceFile) -> bool:
    return any(is_genius_header(row) for _, row in islice(read_rows(source.data), 1))


def _first_item(looks_like: Callable[[object], bool]) -> Callable[[SourceFile], bool]:
    return lambda source: any(looks_like(value) for _, value in islice(read_items(source.text), 1))


def _is_humanloops(source: SourceFile) -> bool:
    """Messages in tags, or what only Humanloop says of a model."""
    return OPENING.search(source.text) is not None or {"provider", "endpoint"} <= _head_of(source).keys()


def _head_of(source: SourceFile) -> JSONObject:
    try:
        return split_document(source).head
    except (InvalidInputError, UnusableFileError):
        return {}


_HANDLEBARS = re.compile(r"\{\{~?(?:role\s|history\s*~?\}\}|[#/>^!@]|media\s|section\s|json\s|\{)")


def _is_litellms(source: SourceFile) -> bool:
    """Keys that Google does not have, a version in the name, or lines with roles and nothing of Handlebars."""
    try:
        document = split_document(source)
    except (InvalidInputError, UnusableFileError):
        return False
    if _HANDLEBARS.search(document.body) or "config" in document.head:
        return False
    has_role = any(ROLE_LINE.match(line) for line in document.body.split("\n"))
    has_foreign_key = any(key not in RESERVED and "." not in key for key in document.head)
    return has_role or has_foreign_key or "{%" in document.body or version_of(source) is not None


def _read_array(sources: Sequence[SourceFile], limits: Limits) -> list[Entry]:
    return [entry for source in sources for entry in read_array(source.data, limits)]


def _read_table(sources: Sequence[SourceFile], limits: Limits) -> list[Entry]:
    return [entry for source in sources for entry in read_table(source.data, limits)]


KINDS: tuple[Kind, ...] = (
    Kind(".md", ImportFormat.MARKDOWN, _each(_read_markdown)),
    Kind(".csv", ImportFormat.GENIUS, read_genius_table, _has_genius_header, is_one_prompt=False),
    Kind(".csv", ImportFormat.COLLECTION, _read_table, is_one_prompt=False),
    Kind(".json", ImportFormat.GENIUS, read_genius_array, _first_item(looks_like_genius), is_one_prompt=False),
    Kind(".json", ImportFormat.LANGFUSE, read_langfuse_export, _first_item(looks_like_langfuse), is_one_prompt=False),
    Kind(".json", ImportFormat.PROMPTGRAPH, _read_array, is_one_prompt=False),
    Kind(".prompt", ImportFormat.HUMANLOOP, _each(read_humanloop_file), _is_humanloops),
    Kind(".prompt", ImportFormat.LITELLM, read_litellm_files, _is_litellms),
    Kind(".prompt", ImportFormat.DOTPROMPT, _each(read_dotprompt_file)),
    Kind(".prompty", ImportFormat.PROMPTY, _each(read_prompty_file)),
)
SUFFIXES = tuple(dict.fromkeys(kind.suffix for kind in KINDS))
ONE_PROMPT_SUFFIXES = tuple(dict.fromkeys(kind.suffix for kind in KINDS if kind.is_one_prompt))


def find_kind(source: SourceFile, form: ImportFormat | None) -> Kind:
    """How this file is read: in the format asked for, else in the one it looks like. Raises UnusableFileError."""
    suffix = next((one for one in SUFFIXES if source.parts[-1].lower().endswith(one)), None)
    fitting = [kind for kind in KINDS if form in (None, kind.form)]
    near = [kind for kind in fitting if kind.suffix == suffix]
    if form is not None:
        # A file of another suffix is read as it was asked for; where a format has two shapes, what it holds decides.
        return next((kind for kind in near or fitting if _is_meant(kind, source)), (near or fitting)[-1])
    if not near:
        raise UnusableFileError(f"This kind of file is not read. Give one of {', '.join((*SUFFIXES, '.jsonl'))}.")
    return next(kind for kind in near if kind is near[-1] or _is_meant(kind, source))


def _is_meant(kind: Kind, source: SourceFile) -> bool:
    try:
        return kind.is_meant(source)
    except UnusableFileError:
        # The format that is read in the end says what is wrong, and where.
        return False

"""A folder of files of one prompt each: Markdown, `.prompt` and `.prompty`. The path names the prompt."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from graph.domain.limits import Limits
from graph.exchange.entries import Entry, Refused, UnusableFileError
from graph.exchange.folders import Folder, Found, RefusedPathError
from graph.exchange.formats import KINDS, ONE_PROMPT_SUFFIXES, ImportFormat, Kind, find_kind
from graph.exchange.limits import ExchangeLimits
from graph.exchange.litellm_files import base_name
from graph.exchange.markdown import has_front_matter
from graph.exchange.source import SourceFile

READ_ME = "readme.md"


def list_prompts(path: Path, bounds: ExchangeLimits, form: ImportFormat | None) -> list[Found]:
    """What is to be read. Raises UnusableFileError when there is too much of it."""
    suffixes = tuple({kind.suffix for kind in KINDS if kind.form is form}) if form else ONE_PROMPT_SUFFIXES
    with Folder(path) as folder:
        found = list(islice(folder.find(suffixes, bounds.folder_depth), bounds.folder_files + 1))
    if len(found) > bounds.folder_files:
        raise UnusableFileError(f"The folder has more than {bounds.folder_files} files of prompts.")
    return found


def read_prompts(
    path: Path, found: list[Found], limits: Limits, bounds: ExchangeLimits, form: ImportFormat | None
) -> Iterator[Entry]:
    """The entries of each file, read as it is asked for; the versions of one prompt together."""
    with Folder(path) as folder:
        for group in _by_prompt(found).values():
            yield from _read_group(folder, group, limits, bounds, form)


def _by_prompt(found: list[Found]) -> dict[str, list[Found]]:
    """Files of one name but for a version in it, in the order of the first of them."""
    groups: dict[str, list[Found]] = {}
    for one in found:
        is_version = one.parts[-1].lower().endswith(".prompt")
        groups.setdefault(base_name(one.parts) if is_version else "/".join(one.parts), []).append(one)
    return groups


def _read_group(
    folder: Folder, group: list[Found], limits: Limits, bounds: ExchangeLimits, form: ImportFormat | None
) -> Iterator[Entry]:
    readers: dict[ImportFormat, tuple[Kind, list[SourceFile]]] = {}
    for one in group:
        place = "/".join(one.parts)
        if one.fault:
            yield Refused(place, one.fault)
            continue
        try:
            source = _open(folder, one, bounds)
            if not _is_read_me(source):
                kind = find_kind(source, form)
                readers.setdefault(kind.form, (kind, []))[1].append(source)
        except (RefusedPathError, UnusableFileError) as error:
            yield Refused(place, str(error))
    for kind, sources in readers.values():
        yield from _read(kind, sources, limits)


def _read(kind: Kind, sources: list[SourceFile], limits: Limits) -> Iterator[Entry]:
    try:
        yield from kind.read(sources, limits)
    except UnusableFileError as error:
        yield Refused(sources[0].place, str(error))


def _open(folder: Folder, found: Found, bounds: ExchangeLimits) -> SourceFile:
    data = folder.read(found.parts, bounds.markdown_bytes)
    modified = datetime.fromtimestamp(folder.modified(found.parts), UTC)
    return SourceFile(found.parts, data, modified, bounds.yaml_depth)


def _is_read_me(source: SourceFile) -> bool:
    """A README without front matter is no prompt."""
    return source.parts[-1].lower() == READ_ME and not has_front_matter(source.raw_text)

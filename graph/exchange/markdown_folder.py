"""A folder of Markdown files, read and written. The path names a prompt whose front matter does not."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from graph.domain.errors import InvalidInputError
from graph.domain.prompts import PromptDraft
from graph.exchange.entries import Entry, Refused, UnusableFileError, refuse
from graph.exchange.file_names import SUFFIX, folded, other_path_of_name, path_of_name
from graph.exchange.folders import Folder, Found, RefusedPathError
from graph.exchange.limits import ExchangeLimits
from graph.exchange.markdown import from_markdown, has_front_matter, to_markdown
from graph.exchange.text import decode

READ_ME = "readme.md"


def list_folder(path: Path, bounds: ExchangeLimits) -> list[Found]:
    """What is to be read. Raises UnusableFileError when there is too much of it."""
    with Folder(path) as folder:
        found = list(islice(folder.find(SUFFIX, bounds.folder_depth), bounds.folder_files + 1))
    if len(found) > bounds.folder_files:
        raise UnusableFileError(f"The folder has more than {bounds.folder_files} Markdown files.")
    return found


def read_folder(path: Path, found: list[Found], bounds: ExchangeLimits) -> Iterator[Entry]:
    """Each file as a prompt, read as it is asked for. A README without front matter is no prompt."""
    with Folder(path) as folder:
        for one in found:
            if entry := _read_one(folder, one, bounds):
                yield entry


def _read_one(folder: Folder, found: Found, bounds: ExchangeLimits) -> Entry | None:
    place = "/".join(found.parts)
    if found.fault:
        return Refused(place, found.fault)
    try:
        text = decode(folder.read(found.parts, bounds.markdown_bytes))
        if found.parts[-1].lower() == READ_ME and not has_front_matter(text):
            return None
        return from_markdown(text, place, place[: -len(SUFFIX)], bounds.yaml_depth)
    except (RefusedPathError, UnusableFileError) as error:
        return Refused(place, str(error))
    except InvalidInputError as error:
        return refuse(place, error)


class MarkdownFolder:
    """Writes prompts into a folder; remembers the paths, so that two names never share a file."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        self._paths: set[tuple[str, ...]] = set()

    def write(self, draft: PromptDraft) -> bool:
        """Writes one file; False when it was there already as it should be. Raises RefusedPathError."""
        parts = path_of_name(draft.name)
        if folded(parts) in self._taken:
            parts = other_path_of_name(draft.name)
        self._taken.add(folded(parts))
        self._paths.add(parts)
        return self._folder.write(parts, to_markdown(draft).encode())

    def find_others(self, bounds: ExchangeLimits) -> list[tuple[str, ...]]:
        """Markdown files in the folder that are of no prompt that was written."""
        found = islice(self._folder.find(SUFFIX, bounds.folder_depth), bounds.folder_files)
        return [one.parts for one in found if one.parts not in self._paths and not one.fault]

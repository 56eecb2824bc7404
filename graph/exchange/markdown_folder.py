"""A folder of Markdown files, written; `prompt_folder` reads it."""

from itertools import islice

from graph.domain.prompts import PromptDraft
from graph.exchange.file_names import SUFFIX, folded, other_path_of_name, path_of_name
from graph.exchange.folders import Folder
from graph.exchange.limits import ExchangeLimits
from graph.exchange.markdown import to_markdown


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

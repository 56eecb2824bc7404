"""`promptgraph export`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from graph.console.terminal import FAILED, SOME_REFUSED, SUCCESS, Bar, Terminal, open_terminal, progress_bar
from graph.domain.actors import Access
from graph.domain.errors import PromptgraphError
from graph.exchange.entries import UnusableFileError
from graph.exchange.folders import Folder, RefusedPathError
from graph.exchange.history import LINE_END, prompt_to_text, version_to_text
from graph.exchange.markdown_folder import MarkdownFolder
from graph.exchange.writing import new_file
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.exports import count_exported, export_drafts, export_prompts, export_versions

STANDARD_OUTPUT = "-"
TOLD_OTHERS = 10


class ExportFormat(StrEnum):
    """Whole histories as JSON lines, or the latest versions as a folder of Markdown."""

    JSONL = "jsonl"
    MARKDOWN = "markdown"


async def run_export(
    deps: Deps,
    path: str,
    form: str = ExportFormat.JSONL,
    folder: str | None = None,
    access: Access = LOCAL_ACCESS,
    terminal: Terminal | None = None,
) -> int:
    """Writes the prompts, all or those of a folder, to a file, to `-`, or into a folder.

    Answers with the exit code: 0 all is written, 1 some files could not be, 2 it was not done: a file of lines is
    then as it was before.
    """
    terminal = terminal or open_terminal()
    try:
        if form == ExportFormat.MARKDOWN:
            return await _export_folder(deps, access, path, terminal, folder)
        if form == ExportFormat.JSONL:
            return await _export_lines(deps, access, path, terminal, folder)
        terminal.warn(f"There is no format {form!r}: it is {' or '.join(ExportFormat)}.")
    except BrokenPipeError:  # who read our output has seen enough
        return FAILED
    except UnusableFileError as error:
        terminal.warn(f"{path}: {error}")
    except PromptgraphError as error:
        terminal.warn(error.message)
    return FAILED


async def _export_lines(deps: Deps, access: Access, path: str, terminal: Terminal, folder: str | None) -> int:
    count = await count_exported(deps, access, folder)
    with progress_bar(terminal, "Exporting", count) as bar:
        if path == STANDARD_OUTPUT:
            with _standard_output() as file:
                written = await _write_lines(deps, access, file, bar, folder)
        else:
            with new_file(Path(path)) as file:
                written = await _write_lines(deps, access, file, bar, folder)
    terminal.warn(f"exported {written} prompts")
    return SUCCESS


def _standard_output() -> TextIO:
    """The process's output as UTF-8, whatever the locale says."""
    return open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False)


async def _write_lines(deps: Deps, access: Access, file: TextIO, bar: Bar, folder: str | None) -> int:
    written = 0
    async for exported in export_prompts(deps, access, folder):
        file.write(prompt_to_text(exported.past))
        comma = ""
        async for version in export_versions(deps, exported):
            file.write(comma + version_to_text(version))
            comma = ","
        file.write(LINE_END)
        written += 1
        bar.step()
    return written


async def _export_folder(deps: Deps, access: Access, path: str, terminal: Terminal, folder: str | None) -> int:
    if path == STANDARD_OUTPUT:
        raise UnusableFileError("Markdown is written into a folder. Name one.")
    count = await count_exported(deps, access, folder, archived=False)
    written = unchanged = refused = 0
    with Folder(Path(path), make=True) as opened:
        target = MarkdownFolder(opened)
        with progress_bar(terminal, "Exporting", count) as bar:
            async for draft in export_drafts(deps, access, folder):
                try:
                    is_new = target.write(draft)
                    written, unchanged = written + is_new, unchanged + (not is_new)
                except RefusedPathError as error:
                    terminal.warn(f"{draft.name}: {error}")
                    refused += 1
                bar.step()
        _tell_others(target.find_others(deps.exchange_limits), terminal)
    terminal.warn(f"written {written}, unchanged {unchanged}, refused {refused}")
    return SOME_REFUSED if refused else SUCCESS


def _tell_others(others: list[tuple[str, ...]], terminal: Terminal) -> None:
    """Files that no prompt belongs to may be a removed prompt's or the person's own: they are told, never removed."""
    if not others:
        return
    terminal.warn(f"{len(others)} Markdown files there belong to no prompt of this export; they were left alone:")
    for parts in others[:TOLD_OTHERS]:
        terminal.warn("  " + "/".join(parts))

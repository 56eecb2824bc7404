"""`promptgraph import`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from graph.console.terminal import FAILED, SOME_REFUSED, SUCCESS, Terminal, open_terminal, progress_bar
from graph.domain.actors import Access
from graph.domain.errors import PromptgraphError
from graph.exchange.entries import UnusableFileError
from graph.exchange.formats import ImportFormat
from graph.exchange.reading import Reading, read_path
from graph.operations.access import LOCAL_ACCESS
from graph.operations.deps import Deps
from graph.operations.import_results import Fate, Outcome
from graph.operations.imports import import_entries

TOLD = 1_000


@dataclass(slots=True)
class Summary:
    """What an import did, as it is told at the end."""

    fates: Counter[Fate] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Counts one outcome."""
        self.fates[outcome.fate] += 1
        name = f" ({outcome.name})" if outcome.name else ""
        lines = [f"{outcome.place}{name}: {note}" for note in outcome.notes]
        (self.refusals if outcome.fate is Fate.REFUSED else self.notes).extend(lines)


async def run_import(
    deps: Deps,
    path: Path,
    access: Access = LOCAL_ACCESS,
    terminal: Terminal | None = None,
    form: ImportFormat | None = None,
    dry_run: bool = False,
) -> int:
    """Imports a file or a folder, in the format given or in the one that it looks like, and tells of it.

    With `dry_run` it tells what would be done, and writes nothing.

    Answers with the exit code: 0 all is in the registry, 1 some entries were refused, 2 the file is unusable (then
    nothing was written) or the database failed (then it is safe to run it again).
    """
    summary = Summary()
    terminal = terminal or open_terminal()
    try:
        reading = read_path(path, deps.limits, deps.exchange_limits, form)
        if reading.remark:
            terminal.warn(f"{path}: {reading.remark}")
        await _import(deps, access, reading, summary, terminal, dry_run)
    except UnusableFileError as error:
        terminal.warn(f"{path}: {error}")
        return FAILED
    except PromptgraphError as error:
        _tell(summary, terminal)
        terminal.warn(error.message)
        return FAILED
    _tell(summary, terminal)
    if dry_run:
        terminal.warn("Nothing was written: this is what an import would do.")
    return SOME_REFUSED if summary.refusals else SUCCESS


async def _import(
    deps: Deps, access: Access, reading: Reading, summary: Summary, terminal: Terminal, dry_run: bool
) -> None:
    with progress_bar(terminal, "Reading" if dry_run else "Importing", reading.count) as bar:
        async for outcome in import_entries(deps, access, reading.entries, dry_run):
            summary.add(outcome)
            bar.step()


def _tell(summary: Summary, terminal: Terminal) -> None:
    _tell_lines("Notes", summary.notes, terminal)
    _tell_lines("Refused", summary.refusals, terminal)
    for fate in Fate:
        terminal.say(f"{fate.value:<12}{summary.fates[fate]:>8}")


def _tell_lines(what: str, lines: Iterable[str], terminal: Terminal) -> None:
    told = list(lines)
    if not told:
        return
    terminal.say(f"{what}:")
    for line in told[:TOLD]:
        terminal.say(f"  {line}")
    if len(told) > TOLD:
        terminal.say(f"  … and {len(told) - TOLD} more")
    terminal.say()

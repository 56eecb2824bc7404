"""The two outputs of a command, and the progress bar."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from graph.domain.outages import StoreUnavailableError
from graph.store.failures import is_passing

SUCCESS, SOME_REFUSED, FAILED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where results go, and where progress and errors go."""

    out: Console
    err: Console

    def say(self, line: str = "") -> None:
        """One line of the result."""
        _print(self.out, line)

    def row(self, cells: Iterable[str]) -> None:
        """One line of a table, with tabs between its cells as programs like it."""
        self.out.file.write("\t".join(map(printable, cells)) + "\n")  # rich makes spaces of tabs

    def warn(self, line: str) -> None:
        """One line beside the result."""
        _print(self.err, line)


def _print(console: Console, line: str) -> None:
    # Nothing is wrapped, coloured or read as markup: lines are for programs too, and may come out of any file.
    console.print(printable(line), soft_wrap=True, markup=False, highlight=False, emoji=False)


def reason_of(error: Exception) -> str:
    """What kept a command from being carried out. The driver's own words are about servers and not for a person."""
    if isinstance(error, PyMongoError):
        return StoreUnavailableError().message if is_passing(error) else type(error).__name__
    return str(error)


def open_terminal() -> Terminal:
    """The process's own outputs."""
    return Terminal(Console(), Console(stderr=True))


@dataclass(frozen=True, slots=True)
class Bar:
    """A progress bar that is there or not."""

    progress: Progress
    task: TaskID

    def step(self) -> None:
        """One more is done."""
        self.progress.advance(self.task)


@contextmanager
def progress_bar(terminal: Terminal, what: str, count: int | None) -> Iterator[Bar]:
    """A bar towards `count` steps, shown on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown = terminal.err.is_terminal
    with Progress(*columns, console=terminal.err, disable=not shown, transient=True, refresh_per_second=5) as progress:
        yield Bar(progress, progress.add_task(what, total=count))


def printable(text: str) -> str:
    """The text on one line and without what a terminal would obey."""
    return "".join(character if character.isprintable() else "�" for character in text)

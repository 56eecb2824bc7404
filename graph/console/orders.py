"""Orders to the worker from a terminal, with one worker for the time of the command where none is at work."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from graph.console.terminal import Terminal, printable, progress_bar
from graph.search_index import sync_settings
from graph.settings import Settings
from search_sync.commands import OnProgress, Patience, working
from search_sync.driver import make_client
from search_sync.lease import Lease
from search_sync.open_index import open_index, read_name
from search_sync.order_watch import WAITING_FOR
from search_sync.worker import Worker

Document = dict[str, Any]

CALL_SECONDS = 5.0


@asynccontextmanager
async def ordering(settings: Settings, url: str) -> AsyncIterator[tuple[AsyncDatabase[Document], str]]:
    """The database and the index's name, with somebody at work who carries orders out.

    Raises IndexUnavailableError when there is neither a worker nor an index to be opened.
    """
    async with make_client(url) as client:
        database = client[settings.mongodb_database]
        sync = sync_settings(settings)
        name = read_name(sync)
        if (await Lease(database, name, "", CALL_SECONDS).read()).is_alive:
            yield database, name
            return
        async with (
            open_index(sync) as index,
            working(Worker(client, settings.mongodb_database, index, sync, name)),
        ):
            yield database, name


def make_patience(settings: Settings, seconds: float | None) -> Patience:
    """How long a command waits: `seconds` in all, and the worker's own bound while nothing goes on."""
    return Patience(sync_settings(settings).order_patience_seconds, seconds)


@contextmanager
def showing(terminal: Terminal) -> Iterator[OnProgress]:
    """A bar that follows an order. Where no bar is shown, what has to be waited for is told once, as a line."""
    told: set[str] = set()
    with progress_bar(terminal, "Starting", None) as bar:

        def show(phase: str, done: int, total: int) -> None:
            what = f"{phase[:1].upper()}{phase[1:]}" or "Waiting"
            bar.progress.update(bar.task, description=printable(what), completed=done, total=total or None)
            if phase.startswith(WAITING_FOR) and phase not in told and not terminal.err.is_terminal:
                told.add(phase)
                terminal.warn(what)

        yield show

"""`promptgraph reindex`."""

from pymongo.errors import PyMongoError

from graph.console.orders import make_patience, ordering, showing
from graph.console.terminal import FAILED, SUCCESS, Terminal, open_terminal, reason_of
from graph.settings import Settings
from search_sync.commands import OrderFailedError, reindex
from search_sync.index.protocol import IndexUnavailableError


async def run_reindex(
    settings: Settings, url: str, seconds: float | None = None, terminal: Terminal | None = None
) -> int:
    """Builds the index anew beside the one that serves. The exit code: 0 it is in its place, 2 it could not be."""
    terminal = terminal or open_terminal()
    try:
        async with ordering(settings, url) as (database, name):
            with showing(terminal) as show:
                count = await reindex(database, show, name, make_patience(settings, seconds))
    except (OrderFailedError, IndexUnavailableError, PyMongoError) as error:
        terminal.warn(f"The index was not built: {reason_of(error)}")
        return FAILED
    terminal.say(f"The index was built anew with {count} prompts.")
    return SUCCESS

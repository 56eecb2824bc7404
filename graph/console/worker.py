"""`promptgraph worker`: keeps the index in step, apart from any server."""

from graph.console.terminal import FAILED, SUCCESS, Terminal, open_terminal
from graph.search_index import sync_settings
from graph.settings import Settings
from search_sync.__main__ import work
from search_sync.index.protocol import IndexUnavailableError


async def run_worker(settings: Settings, url: str, terminal: Terminal | None = None) -> int:
    """Works until it is told to stop. The exit code: 0 after a clean stop, 2 when there is no index to be had."""
    try:
        await work(sync_settings(settings), url)
    except IndexUnavailableError as error:
        (terminal or open_terminal()).warn(
            f"{error or 'The search index cannot be opened.'} A server has the embedded index open and keeps it in "
            "step itself; a worker apart needs PROMPTGRAPH_MEILISEARCH_URL."
        )
        return FAILED
    return SUCCESS

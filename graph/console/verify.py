"""`promptgraph verify`: each difference between the store and the index, one a line."""

from pymongo.errors import PyMongoError

from graph.console.orders import make_patience, ordering, showing
from graph.console.terminal import FAILED, SUCCESS, Terminal, open_terminal, reason_of
from graph.settings import Settings
from search_sync.commands import OrderFailedError, Report, verify
from search_sync.index.protocol import IndexUnavailableError

DIFFERENCES = 1


async def run_verify(
    settings: Settings, url: str, repair: bool, seconds: float | None = None, terminal: Terminal | None = None
) -> int:
    """Compares by id and digest. The exit code: 0 nothing differs any more, 1 something does, 2 it was not done."""
    terminal = terminal or open_terminal()
    try:
        async with ordering(settings, url) as (database, name):
            with showing(terminal) as show:
                report = await verify(database, repair, show, name, make_patience(settings, seconds))
    except (OrderFailedError, IndexUnavailableError, PyMongoError) as error:
        terminal.warn(f"Nothing was compared: {reason_of(error)}")
        return FAILED
    _tell(report, repair, terminal)
    return DIFFERENCES if (report.left if repair else report.count) else SUCCESS


def _tell(report: Report, repair: bool, terminal: Terminal) -> None:
    for one in report.differences:
        revisions = f"store {_shown(one.store_rev)}, index {_shown(one.index_rev)}"
        refused = f", refused: {one.reason}" if one.reason else ""
        terminal.say(f"{one.kind.value:<8} {one.id}  {revisions}{refused}")
    if report.count > len(report.differences):
        terminal.say(f"… and {report.count - len(report.differences)} more")
    terminal.say(f"{report.count} differences")
    if repair and report.count:
        terminal.say(f"{report.count - len(report.left)} repaired, {len(report.left)} left")


def _shown(revision: int | None) -> str:
    return "none" if revision is None else f"revision {revision}"

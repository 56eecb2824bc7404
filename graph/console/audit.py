"""`promptgraph audit`: the chain checked, and its newest lines."""

import json
import re

import pymongo
from pymongo.errors import PyMongoError

from graph.console.terminal import FAILED, SUCCESS, Terminal, open_terminal, progress_bar, reason_of
from graph.domain.audit import AuditFilter
from graph.operations.access import LOCAL_ACCESS, get_actors
from graph.operations.audit import read_audit
from graph.operations.deps import Deps
from graph.settings import Settings
from graph.store.store import OPENING_SECONDS
from search_sync.chain_check import Checked, Finding, Flaw, check_chain
from search_sync.driver import make_client

BROKEN = 1
KNOWN = re.compile(r"([1-9]\d{0,17}):([0-9a-f]{64})", re.ASCII)
WORDS = {
    Flaw.MISSING: "Record {seq} is missing: it was removed, or the records were put in another order.",
    Flaw.DOUBLE: "Record {seq} is there twice; the second one is {id}.",
    Flaw.ALTERED: "Record {seq} ({id}) was altered, or put in the place of another.",
    Flaw.CUT: "The records end before number {seq}, and the chain does not: the newest were removed.",
    Flaw.BEYOND: "Record {seq} ({id}) lies beyond the chain's end: that was set back, or the record was put there.",
    Flaw.FOREIGN: "Record {seq} is not the one whose hash you noted down: the chain was made anew.",
}


async def run_audit_verify(
    settings: Settings, url: str, known: str | None, terminal: Terminal | None = None, patience: float = OPENING_SECONDS
) -> int:
    """Follows the chain. The exit code: 0 it is whole, 1 it is broken, 2 it was not looked at.

    `patience` is how many seconds the database may take to answer at all.
    """
    terminal = terminal or open_terminal()
    match = KNOWN.fullmatch(known) if known is not None else None
    if known is not None and match is None:
        terminal.warn("--known is a number and a hash, as this command printed them: 1042:9f86d0…")
        return FAILED
    noted = (int(match[1]), match[2]) if match else None
    try:
        async with make_client(url) as client:
            with pymongo.timeout(patience):
                await client.admin.command("ping")
            with progress_bar(terminal, "Following the chain", None) as bar:
                show = lambda done, count: bar.progress.update(bar.task, completed=done, total=count)  # noqa: E731
                checked = await check_chain(client[settings.mongodb_database], noted, show)
    except PyMongoError as error:
        terminal.warn(f"The chain was not followed to its end: {reason_of(error)}")
        return FAILED
    _tell(checked, terminal)
    return BROKEN if checked.finding else SUCCESS


async def run_audit_list(deps: Deps, count: int, terminal: Terminal | None = None) -> int:
    """The newest lines, with tabs, under the names of the columns."""
    page = await read_audit(deps, LOCAL_ACCESS, AuditFilter(), count, None)
    actors = await get_actors(deps, [one.signature.actor_id for one in page.entries if one.signature.actor_id])
    terminal = terminal or open_terminal()
    terminal.row(("SEQ", "AT", "KIND", "ACTOR", "KEY", "ADDRESS", "REQUEST", "PROMPT", "DETAIL"))
    for entry in page.entries:
        who, sight = entry.signature, entry.after or entry.before
        handle = actors[who.actor_id].handle if who.actor_id in actors else who.actor_id
        cells = (handle, who.key_id, who.address, who.request_id, sight.name if sight else None)
        told = json.dumps(entry.detail, ensure_ascii=False)
        terminal.row((str(entry.seq), who.at.isoformat(), entry.kind.value, *(one or "-" for one in cells), told))
    return SUCCESS


def _tell(checked: Checked, terminal: Terminal) -> None:
    if checked.finding:
        terminal.say(_say(checked.finding))
        return
    if not checked.is_anchored:
        terminal.warn(f"The hash before record {checked.first} is not known, so this one is taken on trust.")
    terminal.say(f"{checked.last - checked.first + 1} records, whole from {checked.first} to {checked.last}.")
    terminal.say(f"head {checked.last}:{checked.head}")


def _say(finding: Finding) -> str:
    return WORDS[finding.flaw].format(seq=finding.seq, id=finding.id or "unknown")

"""Better rules reach what is there already: the newest version of every prompt is examined by them, in the background.

So filters and counts tell by today's rules. What is read is examined on reading (`examinations.findings_of`), older
versions too; nothing is refused that was taken before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from pymongo.errors import PyMongoError

from graph.checks.examiner import CHECKER, examine
from graph.domain.outages import UnavailableError
from graph.operations.deps import Deps
from graph.store.examinations import READ_AT_ONCE
from search_sync.tasks import end_task, heed_cancellation

log = structlog.get_logger(__name__)

RETRY_SECONDS = 30.0


@asynccontextmanager
async def reexamining(deps: Deps) -> AsyncIterator[None]:
    """Examines again what older rules did, as long as this is open; several processes may, and do no harm."""
    task = asyncio.create_task(_keep_trying(deps))
    try:
        yield
    finally:
        await end_task(task)


async def _keep_trying(deps: Deps) -> None:
    while True:
        try:
            await examine_again(deps)
        except (UnavailableError, PyMongoError) as error:
            log.warning("content checks: the examination goes on later", reason=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            heed_cancellation()
        else:
            return


async def examine_again(deps: Deps) -> int:
    """Examines the newest versions that older rules have examined, or none; how many they were."""
    if await deps.store.examinations.read_checker() >= CHECKER:
        return 0
    count, after = 0, ""
    while stretch := await deps.store.examinations.find_older(CHECKER, after):
        for start in range(0, len(stretch.prompt_ids), READ_AT_ONCE):
            count += await _examine(deps, stretch.prompt_ids[start : start + READ_AT_ONCE])
        after = stretch.last
        heed_cancellation()
    await deps.store.examinations.keep_checker(CHECKER)
    return count


async def _examine(deps: Deps, prompt_ids: tuple[str, ...]) -> int:
    versions = await deps.store.examinations.read_newest(prompt_ids)
    for version in versions:
        await deps.store.examinations.keep(version, examine(version.content, version.change_note, deps.limits.findings))
        heed_cancellation()
    return len(versions)

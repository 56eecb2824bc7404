"""Whoever is told to stop stops, whatever swallows that on the way."""

import asyncio
import os
import random
from collections.abc import Callable

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from search_sync.commands import Tireless
from search_sync.projection import make_fingerprint
from search_sync.sequencer import Sequencer
from search_sync.tasks import end_task, run_together
from search_sync.worker import Worker
from tests.fixtures import caller, draft
from tests.search_sync.conftest import QUICK, Document
from tests.search_sync.plain_index import PlainIndex

ADA = caller()
STOPS = int(os.environ.get("PROMPTGRAPH_STOPS", "8"))
SWALLOWING_TURNS = range(1, 6)
STOPPED_SECONDS = 10.0


class BuiltIndex(PlainIndex):
    """One that somebody has built before, so that its checkpoint is asked for."""

    async def fingerprint(self) -> str | None:
        return await super().fingerprint() or make_fingerprint(self.layout, QUICK.text_characters)


class Stopper(CommandListener):
    """Calls `stop` so many turns of the loop after the command of a number has begun.

    Two to four turns after it the command is sent, but `asyncio.wait_for` has not come back: what stops a task then
    is swallowed.
    """

    def __init__(self, command: int, turns: int) -> None:
        self.stop: Callable[[], object] | None = None
        self._left = command
        self._turns = turns

    def started(self, event: CommandStartedEvent) -> None:
        if self.stop is not None:
            self._left -= 1
            if self._left == 0:
                self._count_down(self._turns)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...

    def _count_down(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._count_down, turns - 1)
        elif self.stop is not None:
            self.stop()


async def test_what_was_told_to_stop_before_it_begins_begins_nothing() -> None:
    begun: list[str] = []

    async def swallow_and_begin() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            begun.append("swallowed")
        await run_together(asyncio.sleep(10), asyncio.sleep(10))

    task = asyncio.create_task(swallow_and_begin())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=1)
    assert task.cancelled()
    assert begun == ["swallowed"]


def make_worker(client: AsyncMongoClient[Document], database: str) -> Tireless:
    """One that goes on with its index, builds it anew and then follows, two prompts at a time."""
    return Worker(client, database, BuiltIndex(), QUICK.model_copy(update={"batch_items": 2}))


def make_sequencer(client: AsyncMongoClient[Document], database: str) -> Tireless:
    return Sequencer(client, database, QUICK)


@pytest.mark.parametrize(("make", "commands"), [(make_worker, 40), (make_sequencer, 10)])
async def test_whenever_it_is_told_to_stop_it_stops(
    deps: Deps,
    mongodb_url: str,
    database_name: str,
    make: Callable[[AsyncMongoClient[Document], str], Tireless],
    commands: int,
) -> None:
    for number in range(6):
        await create_prompt(deps, ADA, draft(f"p{number}"))
    moments = [(command, turns) for command in range(1, commands) for turns in SWALLOWING_TURNS]
    for command, turns in random.sample(moments, STOPS):
        stopper = Stopper(command, turns)
        async with AsyncMongoClient[Document](mongodb_url, event_listeners=[stopper]) as client:
            task = asyncio.create_task(make(client, database_name).run())
            stopper.stop = task.cancel
            _, pending = await asyncio.wait([task], timeout=STOPPED_SECONDS)
            await end_task(task)
        assert not pending, f"stopped {turns} turns after command {command}"

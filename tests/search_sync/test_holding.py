"""Whatever goes wrong with the work, or at its end, somebody goes on with it."""

import asyncio
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.backoff import Backoff
from search_sync.holding import Holding
from search_sync.lease import Lease
from search_sync.status import Status
from search_sync.tasks import end_task

LEASE_SECONDS = 0.5


class Faulty:
    """Fails at its work and, the first time, when it lets go."""

    def __init__(self, fault: Exception) -> None:
        self.began = 0
        self._fault = fault

    async def stand_by(self, turn: int) -> None:
        """Nothing has to be done meanwhile."""

    async def lead(self) -> None:
        self.began += 1
        raise self._fault

    async def let_go(self) -> None:
        if self.began == 1:
            raise self._fault


@pytest.mark.parametrize("fault", [LookupError("ours"), TimeoutError("MongoDB's")])
async def test_work_that_fails_and_cannot_even_let_go_is_begun_again(
    database: AsyncDatabase[dict[str, Any]], fault: Exception
) -> None:
    work = Faulty(fault)
    lease = Lease(database, "work", "ada", LEASE_SECONDS)
    holding = Holding(work, lease, Status(holder="ada"), LEASE_SECONDS, Backoff(0.01, 0.01))
    running = asyncio.create_task(holding.run())
    async with asyncio.timeout(20):
        while work.began < 2 and not running.done():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.01)
    assert not running.done()
    await end_task(running)

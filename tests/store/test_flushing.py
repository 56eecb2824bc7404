"""What is counted in memory is written again and again, whatever went wrong with a write."""

import asyncio

import pytest
from pymongo.errors import OperationFailure

from graph.domain.outages import StoreUnavailableError
from graph.store.flushing import flushing


@pytest.mark.parametrize("fault", [LookupError(), StoreUnavailableError(), OperationFailure("refused", 2)])
async def test_a_flush_that_fails_is_followed_by_the_next(fault: Exception) -> None:
    flushes = 0

    async def flush() -> None:
        nonlocal flushes
        flushes += 1
        raise fault

    async with asyncio.timeout(20), flushing(flush, 0.001, "counts"):
        while flushes < 3:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.001)

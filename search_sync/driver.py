"""Clients of MongoDB, as everything here makes them.

Before Python 3.12 `asyncio.wait_for` waits in a task of its own and may leave it behind, when whoever waits is told
twice to stop. The driver waits so for the lock on what it knows of the servers. Left behind, that task takes the lock
and nobody gives it back: after an outage in which one request was cancelled, no request was ever answered again. So
the driver is given the waiting of Python 3.12, in the task itself.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any, TypeVar

import pymongo.lock
from pymongo import AsyncMongoClient

T = TypeVar("T")


def make_client(url: str, **options: Any) -> AsyncMongoClient[dict[str, Any]]:
    """A client with the driver's options; it connects when it is first used. Raises what the driver raises."""
    if sys.version_info < (3, 12):
        vars(pymongo.lock)["wait_for"] = wait_within
    return AsyncMongoClient(url, appname="promptgraph", tz_aware=True, **options)


async def wait_within(work: Awaitable[T], seconds: float | None) -> T:
    """Raises TimeoutError when it takes longer, and then it is cancelled and over."""
    async with asyncio.timeout(seconds):
        return await work

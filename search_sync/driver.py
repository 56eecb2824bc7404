"""Clients of MongoDB, as everything here makes them: the driver, mended in three places (decision 28).

Before Python 3.12 `asyncio.wait_for` waits in a task of its own and may leave it behind, when whoever waits is told
twice to stop. The driver waits so for the lock on what it knows of the servers. Left behind, that task takes the lock
and nobody gives it back: after an outage in which one request was cancelled, no request was ever answered again. So
the driver is given the waiting of Python 3.12, in the task itself.

The driver asks a server only once for each connection whether it has sessions, and takes no for an answer from one
that just begins and is neither primary nor secondary yet. Such a connection stayed in the pool, and each transaction
on it was refused until the process ended. The specification of sessions names one sign alone, the sessions' timeout:
members tell it in whichever state they are.

Where a time is set for an operation, the driver tries it again until that is over, and at once. When a server steps
down in the midst of a write to which there is one road only, it sees before it has sent anything that the server takes
none now, and raises the first error again, as often as it tries: nothing else in the process ran until the time was
over, one write after the other, and nobody heard that the server was back. So from the second retry on it pauses.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any, TypeVar

import pymongo.lock
from pymongo import AsyncMongoClient, _csot
from pymongo.asynchronous.mongo_client import _ClientConnectionRetryable
from pymongo.asynchronous.pool import AsyncConnection
from pymongo.asynchronous.server import Server

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.005
LONGEST_PAUSE_SECONDS = 0.1

_select_server = _ClientConnectionRetryable._get_server


def make_client(url: str, **options: Any) -> AsyncMongoClient[dict[str, Any]]:
    """A client with the driver's options; it connects when it is first used. Raises what the driver raises."""
    if sys.version_info < (3, 12):
        vars(pymongo.lock)["wait_for"] = wait_within
    setattr(AsyncConnection, "supports_sessions", property(has_sessions, lambda *_: None))  # noqa: B010  # not ours
    setattr(_ClientConnectionRetryable, "_get_server", select_server)  # noqa: B010  # not ours
    return AsyncMongoClient(url, appname="promptgraph", tz_aware=True, **options)


async def wait_within(work: Awaitable[T], seconds: float | None) -> T:
    """Raises TimeoutError when it takes longer, and then it is cancelled and over."""
    async with asyncio.timeout(seconds):
        return await work


def has_sessions(connection: AsyncConnection) -> bool:
    """Whether the server at its other end has them, now or as soon as it may be read from."""
    return connection.logical_session_timeout_minutes is not None


async def select_server(operation: _ClientConnectionRetryable[Any]) -> Server:
    """The server for an operation's next try, which is its first, a retry at once, or a later one after a pause."""
    retries = operation._attempt_number
    if retries > 1:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(retries - 2, 10), LONGEST_PAUSE_SECONDS)
        left = _csot.remaining()
        await asyncio.sleep(pause if left is None else max(0.0, min(pause, left)))
    return await _select_server(operation)

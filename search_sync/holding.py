"""Work that one process at a time does, whichever holds the lease: the index, the feed's numbers, webhooks, references.

    stand by ──the lease is free──▶ lead ──it fails──▶ wait a little ──▶ stand by …

Every process that could do the work has a `Holding` of it. One that is killed is followed by another when its lease has
run out; one that is stopped gives the lease back at once.
"""

import asyncio
import os
import secrets
import socket
from typing import NoReturn, Protocol

import structlog
from pymongo.errors import PyMongoError

from search_sync.backoff import Backoff
from search_sync.lease import Lease, LeaseLostError
from search_sync.status import Fate, State, Status, name_cause
from search_sync.tasks import heed_cancellation

TURNS = 5  # so often is the lease asked for, and renewed, in the time that it is good for

log = structlog.get_logger(__name__)


class Work(Protocol):
    """What the holder does."""

    async def stand_by(self, turn: int) -> None:
        """Before each try to take the lease; `turn` counts them from 1."""

    async def lead(self) -> None:
        """The work, while the lease is held. It renews the lease, and returns only by an error or a cancellation."""

    async def let_go(self) -> None:
        """Ends what `lead` has begun, before the lease is given back; called after a failed `stand_by` as well."""


class Holding:
    """Does `work` while it holds the lease; `expected` are the failures that are no fault of ours, beside MongoDB's."""

    def __init__(
        self,
        work: Work,
        lease: Lease,
        status: Status,
        seconds: float,
        backoff: Backoff,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        self._work = work
        self._lease = lease
        self._status = status
        self._pause = seconds / TURNS
        self._backoff = backoff
        self._expected: tuple[type[Exception], ...] = (PyMongoError, TimeoutError, *expected)
        self._log = log.bind(lease=lease.name)

    async def run(self) -> NoReturn:
        """Works, or stands by, until it is cancelled; whatever fails is tried again."""
        try:
            while True:
                heed_cancellation()
                try:
                    await self._stand_by()
                    await self._work.lead()
                except LeaseLostError:
                    self._status.count(Fate.LEASES_LOST)
                    self._log.warning("the lease is lost")
                except self._expected as error:
                    await self._suffer(error)
                except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the work for good
                    self._log.exception("the holder failed")
                    await self._suffer(error)
                finally:
                    await self._let_go()
        finally:
            self._status.state = State.STOPPED

    async def _stand_by(self) -> None:
        self._status.state, turn = State.STANDBY, 1
        await self._work.stand_by(turn)
        while not await self._lease.acquire():
            heed_cancellation()
            await asyncio.sleep(self._pause)
            turn += 1
            await self._work.stand_by(turn)
        self._status.count(Fate.LEASES_WON)
        self._log.info("the lease is won", fence=self._lease.fence)

    async def _suffer(self, error: Exception) -> None:
        self._status.count(Fate.FAILURES)
        self._status.state, self._status.reason = State.WAITING, name_cause(error)
        self._log.warning("the holder waits", reason=self._status.reason)
        await self._backoff.wait()

    async def _let_go(self) -> None:
        try:
            await self._work.let_go()
            await self._lease.release(self._status)
        except self._expected as error:
            self._log.warning("the lease is left to run out", reason=type(error).__name__)
        except Exception:  # noqa: BLE001 - as above: it would end the work while the process lives
            self._log.exception("the lease is left to run out")


async def keep(lease: Lease, status: Status, seconds: float, backoff: Backoff) -> NoReturn:
    """Renews the lease in time, beside work that does not do so itself."""
    while True:
        heed_cancellation()
        await lease.beat(status, None)
        backoff.reset()
        await asyncio.sleep(seconds / TURNS)


def name_holder() -> str:
    """The name of one who holds a lease: which machine, which process, and which of its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

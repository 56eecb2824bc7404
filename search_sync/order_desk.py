"""Carrying out orders, one at a time, with the follower's own means: nothing else writes to the index."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog
from bson import ObjectId
from pymongo.errors import ConnectionFailure, ExecutionTimeout, NetworkTimeout, PyMongoError

from search_sync.dead_letters import DeadLetters
from search_sync.follower import Follower
from search_sync.index.protocol import IndexUnavailableError, SearchIndex
from search_sync.order_watch import WAITING_FOR
from search_sync.orders import Order, OrderKind, Orders
from search_sync.settings import SyncSettings
from search_sync.source import PromptSource
from search_sync.status import name_cause
from search_sync.tasks import end_task, heed_cancellation
from search_sync.verify import NO_PROMPT, Comparison, Difference

log = structlog.get_logger(__name__)

_TELL_SECONDS = 0.2
_UNAVAILABLE = (ConnectionFailure, ExecutionTimeout, NetworkTimeout, TimeoutError, IndexUnavailableError)
"""What passes by itself, however often an order meets it."""


class OrderDesk:
    """Looks for orders as long as the follower follows."""

    def __init__(
        self,
        orders: Orders,
        follower: Follower,
        index: SearchIndex,
        source: PromptSource,
        letters: DeadLetters,
        settings: SyncSettings,
    ) -> None:
        self._orders = orders
        self._follower = follower
        self._index = index
        self._source = source
        self._letters = letters
        self._settings = settings
        self._told_at = 0.0
        self._failures: Counter[ObjectId] = Counter()
        self._deeds: dict[OrderKind, Callable[[Order], Awaitable[dict[str, Any]]]] = {
            OrderKind.REINDEX: self._reindex,
            OrderKind.VERIFY: self._verify,
            OrderKind.REPAIR: self._repair,
            OrderKind.RETRY: self._retry,
            OrderKind.RESYNC: self._resync,
        }

    async def run(self) -> None:
        """Takes one order after the other, and offers refused documents again from time to time."""
        offered = time.monotonic()
        while True:
            heed_cancellation()
            try:
                order = await self._orders.next()
                if order is not None:
                    await self._try(order)
                    continue
                if time.monotonic() - offered > self._settings.retry_seconds and self._letters.ids:
                    await self._follower.bring(self._letters.ids)
                    offered = time.monotonic()
            except (PyMongoError, TimeoutError, IndexUnavailableError) as error:
                log.warning("an order waits", reason=type(error).__name__)
            await asyncio.sleep(self._settings.order_seconds)

    async def _try(self, order: Order) -> None:
        """Carries it out. One that fails though MongoDB and the index are there is given up after a few tries."""
        try:
            await self._carry_out(order)
        except _UNAVAILABLE as error:
            await self._orders.tell(order.id, f"{WAITING_FOR}{name_cause(error)}", 0, 0)
            raise
        except Exception as error:  # whatever it is, it must stop neither the follower nor the orders behind it
            log.exception("an order failed", kind=order.kind.value)
            self._failures[order.id] += 1
            if self._failures[order.id] >= self._settings.order_tries:
                await self._orders.fail(order.id, f"It failed time and again. {type(error).__name__}: {error}"[:500])
            await asyncio.sleep(self._settings.order_seconds)

    async def _carry_out(self, order: Order) -> None:
        log.info("an order is carried out", kind=order.kind.value)
        await self._orders.tell(order.id, order.phase or "starting", 0, 0)
        deed = asyncio.ensure_future(self._deeds[order.kind](order))
        try:
            while not deed.done():
                heed_cancellation()
                await asyncio.wait([deed], timeout=self._settings.order_seconds)  # it may be withdrawn meanwhile
                if not deed.done() and await self._orders.is_withdrawn(order.id):
                    log.info("an order was withdrawn", kind=order.kind.value)
                    return
            await self._orders.close(order.id, await deed)
        finally:
            await end_task(deed)

    async def _reindex(self, order: Order) -> dict[str, Any]:
        building = asyncio.ensure_future(self._follower.rebuild())
        try:
            while not building.done():
                heed_cancellation()
                await asyncio.wait([building], timeout=_TELL_SECONDS)
                status = self._follower.refresh()
                if status.to_build:
                    await self._orders.tell(order.id, "building", status.built, status.to_build)
            await building
        finally:
            await end_task(building)
        return {"prompts": await self._source.count()}

    async def _verify(self, order: Order) -> dict[str, Any]:
        found = await self._compare(order.id).run()
        return await self._tell_differences(found)

    async def _repair(self, order: Order) -> dict[str, Any]:
        comparison = self._compare(order.id)
        found = await comparison.run()
        if not found:
            return await self._tell_differences([])
        wrong = [difference.id for difference in found if difference.store_rev != NO_PROMPT]
        await self._follower.bring(wrong)
        left: dict[str, Difference] = {}
        await comparison.look(wrong, left)
        hopeless = [difference.id for difference in found if difference.store_rev == NO_PROMPT]
        return {**await self._tell_differences(found), "left": [*sorted(left), *hopeless]}

    async def _retry(self, order: Order) -> dict[str, Any]:
        offered = self._letters.ids
        await self._follower.bring(offered)
        return {"offered": len(offered), "left": len(self._letters)}

    async def _resync(self, order: Order) -> dict[str, Any]:
        await self._follower.bring(order.ids)
        return {"prompts": len(order.ids)}

    def _compare(self, order: ObjectId) -> Comparison:
        async def tell(phase: str, done: int, total: int) -> None:
            if time.monotonic() - self._told_at > _TELL_SECONDS:
                self._told_at = time.monotonic()
                await self._orders.tell(order, phase, done, total)

        return Comparison(self._source, self._index, self._follower.settle, tell, self._settings.text_characters)

    async def _tell_differences(self, found: list[Difference]) -> dict[str, Any]:
        reasons = await self._letters.reasons() if found else {}
        told = [replace(one, reason=reasons.get(one.id)) for one in found[: self._settings.told_differences]]
        return {"differences": len(found), "told": [one.to_document() for one in told]}

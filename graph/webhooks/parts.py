"""What a deliverer works with, and its patience with the store."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from graph.domain.actors import Access
from graph.domain.errors import UnavailableError
from graph.domain.webhooks import Webhook
from graph.store.store import Store
from graph.webhooks.bodies import Wording
from graph.webhooks.setup import WebhookSetup
from search_sync.tasks import heed_cancellation

T = TypeVar("T")

PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Parts:
    """`rights` tells what a webhook may tell now, or raises an AccessError; `chance` is from 0 to 1 each time."""

    store: Store
    setup: WebhookSetup
    wording: Wording
    rights: Callable[[Webhook], Awaitable[Access]]
    clock: Callable[[], datetime]
    chance: Callable[[], float]


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as the store can give it: what was delivered meanwhile is not forgotten for an outage."""
    while True:
        heed_cancellation()
        try:
            return await ask()
        except (UnavailableError, TimeoutError):
            await asyncio.sleep(PAUSE_SECONDS)

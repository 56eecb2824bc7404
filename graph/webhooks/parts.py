"""What a deliverer works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from graph.domain.actors import Access
from graph.domain.webhooks import Webhook
from graph.store.store import Store
from graph.webhooks.bodies import Wording
from graph.webhooks.setup import WebhookSetup


@dataclass(frozen=True, slots=True)
class Parts:
    """`rights` tells what a webhook may tell now, or raises an AccessError; `chance` is from 0 to 1 each time."""

    store: Store
    setup: WebhookSetup
    wording: Wording
    rights: Callable[[Webhook], Awaitable[Access]]
    clock: Callable[[], datetime]
    chance: Callable[[], float]

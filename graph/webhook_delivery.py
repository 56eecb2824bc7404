"""The webhooks of a server: what sends them, and its deliverer, which stands by while another process delivers."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from pymongo.errors import PyMongoError

from graph.operations.deps import Deps
from graph.operations.feed import cursor_of
from graph.operations.webhook_rights import rights_of
from graph.schema.node import prompt_id
from graph.search_index import STATUS_SECONDS
from graph.settings import Settings
from graph.webhooks.addresses import AddressGate
from graph.webhooks.bodies import Wording
from graph.webhooks.client import open_client
from graph.webhooks.deliverer import LEASE, Deliverer
from graph.webhooks.parts import Parts
from graph.webhooks.sender import Sender
from graph.webhooks.setup import WebhookSetup
from graph.webhooks.signing import SecretMaker
from search_sync.commands import working
from search_sync.lease import Lease

PURPOSE = "webhook secrets"


@dataclass(frozen=True, slots=True)
class OpenedWebhooks:
    """What operations need for them, and the lease that says who delivers."""

    setup: WebhookSetup
    lease: Lease

    async def tell(self) -> Mapping[str, object]:
        """How deliveries stand, for `/readyz`: how many wait, and for how long the oldest does."""
        try:
            told = await self.lease.read()
        except (PyMongoError, TimeoutError):
            return {"deliverer": "unknown"}
        if not told.is_alive or told.status is None:
            return {"deliverer": "none"}
        return {"deliverer": "working", "waiting": told.status.pending, "lagMilliseconds": told.status.lag_ms}


@asynccontextmanager
async def open_webhooks(settings: Settings, deps: Deps) -> AsyncIterator[OpenedWebhooks]:
    """Delivers, or stands by, as long as this is open."""
    gate, limits = AddressGate(settings.webhook_allowed_networks), settings.webhook_limits
    async with open_client(gate, limits) as session:
        maker = SecretMaker(deps.signer.derive(PURPOSE))
        setup = WebhookSetup(maker, Sender(session), gate, limits, settings.webhook_allow_http)
        database = deps.store.database.client[settings.mongodb_database]
        async with working(Deliverer(make_parts(deps, setup), database)):
            yield OpenedWebhooks(setup, Lease(database, LEASE, "", STATUS_SECONDS))


def make_parts(deps: Deps, setup: WebhookSetup) -> Parts:
    """What a deliverer works with, in the words of the API."""
    deps = replace(deps, webhooks=setup)
    return Parts(
        store=deps.store,
        setup=setup,
        wording=Wording(lambda seq: cursor_of(deps, seq), prompt_id),
        rights=lambda webhook: rights_of(deps, webhook),
        clock=deps.clock,
        chance=random.random,
    )

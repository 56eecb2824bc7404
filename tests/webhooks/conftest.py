"""Deliverers on a real store, which send to loopback only."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from graph.operations.deps import Deps
from graph.webhooks.addresses import AddressGate, read_networks
from graph.webhooks.client import open_client
from graph.webhooks.sender import Sender
from graph.webhooks.setup import WebhookSetup
from graph.webhooks.signing import SecretMaker
from tests.fixtures import caller, deps, records, store
from tests.webhooks.hooked import LIMITS, Hooked

__all__ = ["deps", "hooked", "records", "store"]


@pytest.fixture
async def hooked(deps: Deps) -> AsyncIterator[Hooked]:
    actor = caller().actor
    assert actor is not None
    await deps.store.actors.ensure(actor)
    gate = AddressGate(read_networks(["127.0.0.1"]))
    async with open_client(gate, LIMITS) as session:
        setup = WebhookSetup(SecretMaker(b"key"), Sender(session), gate, LIMITS, allows_http=True)
        yield Hooked(replace(deps, webhooks=setup), setup)

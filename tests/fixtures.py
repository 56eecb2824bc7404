"""What tests of operations and of the schema stand on: a store of the test's own, and callers of every kind."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from graph.domain.actors import EVERYWHERE, Access, Actor, ActorKind, Grant, Scope
from graph.domain.limits import WebhookLimits
from graph.domain.paging import CursorSigner
from graph.domain.prompts import PromptDraft, VersionDraft
from graph.domain.templates import TextTemplate
from graph.operations.deps import Deps
from graph.store.database import Document
from graph.store.store import Store, open_store
from graph.webhooks.addresses import AddressGate
from graph.webhooks.client import open_client
from graph.webhooks.sender import Sender
from graph.webhooks.setup import WebhookSetup
from graph.webhooks.signing import SecretMaker

__all__ = ["Records", "caller", "deps", "draft", "records", "registry", "store", "text_version"]

OPERATION_SECONDS = 10.0  # the machine that tests is a busy one


@asynccontextmanager
async def registry(mongodb_url: str, database_name: str) -> AsyncIterator[Deps]:
    """As `graph/app.py` joins it."""
    limits, gate = WebhookLimits(), AddressGate()
    async with (
        open_store(mongodb_url, database_name, operation_seconds=OPERATION_SECONDS) as opened,
        open_client(gate, limits) as session,
    ):
        signer = CursorSigner(b"a secret for tests")
        webhooks = WebhookSetup(SecretMaker(signer.derive("webhooks")), Sender(session), gate, limits)
        yield Deps(store=opened, clock=_now, ids=lambda: str(ObjectId()), signer=signer, webhooks=webhooks)


@pytest.fixture
async def deps(mongodb_url: str, database_name: str) -> AsyncIterator[Deps]:
    async with registry(mongodb_url, database_name) as joined:
        yield joined


@pytest.fixture
def store(deps: Deps) -> Store:
    return deps.store


@dataclass(frozen=True, slots=True)
class Records:
    """What lies in the database, to compare before and after."""

    store: Store

    async def all(self, collection: str, **where: Any) -> list[Document]:
        """Documents in the order of their ids."""
        return await self.store.database.collection(collection).find(where).sort("_id").to_list()

    async def count(self, collection: str) -> int:
        return await self.store.database.collection(collection).count_documents({})

    async def snapshot(self) -> dict[str, list[Document]]:
        """Everything that a change could touch."""
        names = (
            *("prompts", "events", "ratings", "version_stats", "version_archives", "renders", "feedback"),
            "api_keys",
        )
        return {name: await self.all(name) for name in names}

    async def events(self, prompt_id: str) -> list[Document]:
        """A prompt's events by revision."""
        return sorted(await self.all("events", prompt_id=prompt_id), key=lambda event: int(event["rev"]))


@pytest.fixture
def records(store: Store) -> Records:
    return Records(store)


def caller(
    handle: str = "ada", scopes: Iterable[Scope] = frozenset(Scope), grants: tuple[Grant, ...] = EVERYWHERE
) -> Access:
    """Somebody with a key; by default one that may do everything everywhere."""
    actor = Actor(id=f"actor-{handle}", kind=ActorKind.USER, handle=handle, display_name=handle.title())
    return Access(actor, frozenset(scopes), grants)


def draft(name: str = "support/refund-reply", text: str = "Dear {{customer}},", **facts: Any) -> PromptDraft:
    """A prompt to create."""
    return PromptDraft(name=name, version=text_version(text), **facts)


def text_version(text: str) -> VersionDraft:
    """A version to append."""
    return VersionDraft(TextTemplate(text))


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)

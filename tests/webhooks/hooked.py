"""A registry with webhooks, for tests: what is done in one line where the API takes several."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from graph.domain.actors import Access
from graph.domain.feed import EventFilter
from graph.domain.limits import WebhookLimits
from graph.domain.paging import PageRequest
from graph.domain.prompts import Prompt
from graph.domain.webhooks import Delivery, Webhook
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.versions import append_version
from graph.operations.webhooks import create_webhook
from graph.webhook_delivery import make_parts
from graph.webhooks.deliverer import Deliverer
from graph.webhooks.setup import WebhookSetup
from search_sync.commands import working
from tests.feeds import number_events
from tests.fixtures import caller, draft, text_version

T = TypeVar("T")

LIMITS = WebhookLimits(
    first_pause_seconds=0.05,
    longest_pause_seconds=0.2,
    attempt_seconds=5.0,
    connect_seconds=2.0,
    poll_seconds=0.05,
    lease_seconds=5.0,
)
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Hooked:
    """`deps` has the `setup` in it."""

    deps: Deps
    setup: WebhookSetup

    @asynccontextmanager
    async def delivering(self, **bounds: Any) -> AsyncIterator[Deliverer]:
        """A deliverer at work, with other bounds where they are given."""
        setup = replace(self.setup, limits=replace(self.setup.limits, **bounds))
        database = self.deps.store.database
        deliverer = Deliverer(make_parts(self.deps, setup), database.client[database.collection("x").database.name])
        async with working(deliverer):
            yield deliverer

    async def hook(self, url: str, where: EventFilter | None = None, access: Access | None = None) -> Webhook:
        """A webhook that tells what happens from now on."""
        access = access or caller()
        assert access.actor is not None
        await self.deps.store.actors.ensure(access.actor)
        made = await create_webhook(self.deps, access, url, where or EventFilter())
        return made.webhook

    async def create(self, *names: str) -> list[Prompt]:
        """Prompts, each with its event in the feed."""
        made = [await create_prompt(self.deps, caller(), draft(name)) for name in names]
        await number_events(self.deps)
        return made

    async def append(self, prompt: Prompt, *numbers: int) -> None:
        """Further versions, each with its event in the feed."""
        for number in numbers:
            text = text_version(f"text {number}")
            await append_version(self.deps, caller(), prompt.id, number - 1, text)
        await number_events(self.deps)

    async def log(self, webhook: Webhook) -> list[Delivery]:
        """The newest deliveries, newest first."""
        return list((await self.deps.store.deliveries.page(webhook.id, PageRequest(100))).items)

    async def stored(self, webhook: Webhook) -> Webhook:
        """As it stands now."""
        found = await self.deps.store.webhooks.find(webhook.id)
        assert found is not None
        return found

    async def until_logged(self, webhook: Webhook, fits: Callable[[list[Delivery]], bool]) -> list[Delivery]:
        """The log, once it is as it should be."""
        return await until(lambda: self.log(webhook), fits)

    async def until_paused(self, webhook: Webhook) -> Webhook:
        """The webhook, once it is paused."""
        return await until(lambda: self.stored(webhook), lambda found: found.reason is not None)


async def until(ask: Callable[[], Awaitable[T]], fits: Callable[[T], bool]) -> T:
    """The answer, once it fits."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await ask()
            if fits(found):
                return found
            await asyncio.sleep(0.02)

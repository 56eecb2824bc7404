"""The feed's numbering in a server: its sequencer, and how it stands.

Every server has one that stands by, and so has every worker; one of them all numbers. So events are numbered where
there is a server and no worker, and whichever is killed, another takes over within seconds.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.domain.feed import FeedState
from graph.domain.outages import UnavailableError
from graph.search_index import STATUS_SECONDS, sync_settings
from graph.settings import Settings
from graph.store.store import Store
from search_sync.commands import working
from search_sync.lease import Lease
from search_sync.ledger import FEED
from search_sync.sequencer import Sequencer


@dataclass(frozen=True, slots=True)
class OpenedFeed:
    """The sequencer of this process, and the store that knows of all."""

    store: Store
    sequencer: Sequencer
    lease: Lease

    async def read(self) -> FeedState:
        """How it stands now. Raises StoreUnavailableError."""
        with self.store.database.bounded():
            is_alive = self.sequencer.is_leading or (await self.lease.read()).is_alive
        return FeedState(is_alive, await self.store.feed.span(), await self.store.feed.count_unnumbered())

    async def tell(self) -> Mapping[str, object]:
        """The same for `/readyz`."""
        state = await self.read()
        return {
            "sequencer": "working" if state.is_numbered else "none",
            "firstSeq": state.span.first,
            "lastSeq": state.span.last,
            "unnumbered": state.unnumbered,
        }

    async def read_if_known(self) -> FeedState | None:
        """The same; None when the store does not answer."""
        try:
            return await self.read()
        except UnavailableError:
            return None


@asynccontextmanager
async def open_feed(settings: Settings, store: Store) -> AsyncIterator[OpenedFeed]:
    """Numbers events, or stands by, as long as this is open."""
    client, name = store.database.client, settings.mongodb_database
    sequencer = Sequencer(client, name, sync_settings(settings))
    async with working(sequencer):
        yield OpenedFeed(store, sequencer, Lease(client[name], FEED, "", STATUS_SECONDS))

"""The follower of references in a server: it tells includers, or stands by while another process does."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph.domain.feed import FollowerState
from graph.domain.outages import UnavailableError
from graph.operations.deps import Deps
from graph.references.follower import LEASE, ReferenceFollower
from graph.search_index import STATUS_SECONDS
from graph.settings import Settings
from graph.store.store import Store
from search_sync.commands import working
from search_sync.lease import Lease


@dataclass(frozen=True, slots=True)
class OpenedReferences:
    """The follower of this process, and the store that knows of all."""

    store: Store
    follower: ReferenceFollower
    lease: Lease

    async def read(self) -> FollowerState:
        """How it stands now. Raises StoreUnavailableError."""
        with self.store.database.bounded():
            is_alive = self.follower.is_leading or (await self.lease.read()).is_alive
        span, position = await self.store.feed.span(), await self.store.references.read_position()
        return FollowerState(is_alive, max(0, span.last - max(position, span.first - 1)))

    async def tell(self) -> Mapping[str, object]:
        """The same for `/readyz`."""
        state = await self.read()
        return {"follower": "working" if state.is_working else "none", "waiting": state.waiting}

    async def read_if_known(self) -> FollowerState | None:
        """The same; None when the store does not answer."""
        try:
            return await self.read()
        except UnavailableError:
            return None


@asynccontextmanager
async def open_reference_events(settings: Settings, deps: Deps) -> AsyncIterator[OpenedReferences]:
    """Follows as long as this is open."""
    database = deps.store.database.client[settings.mongodb_database]
    follower = ReferenceFollower(deps.store, database, deps.limits, deps.clock)
    async with working(follower):
        yield OpenedReferences(deps.store, follower, Lease(database, LEASE, "", STATUS_SECONDS))

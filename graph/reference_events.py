"""The follower of references in a server: it tells includers, or stands by while another process does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from graph.operations.deps import Deps
from graph.references.follower import ReferenceFollower
from graph.settings import Settings
from search_sync.commands import working


@asynccontextmanager
async def open_reference_events(settings: Settings, deps: Deps) -> AsyncIterator[None]:
    """Follows as long as this is open."""
    database = deps.store.database.client[settings.mongodb_database]
    async with working(ReferenceFollower(deps.store, database, deps.limits, deps.clock)):
        yield

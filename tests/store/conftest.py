"""A store on a database of the test's own, and what operations need around it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from graph.domain.paging import CursorSigner
from graph.operations.deps import Deps
from graph.store.store import Store, open_store


@pytest.fixture
async def store(mongodb_url: str, database_name: str) -> AsyncIterator[Store]:
    async with open_store(mongodb_url, database_name) as opened:
        yield opened


@pytest.fixture
def deps(store: Store) -> Deps:
    return Deps(
        store=store,
        clock=lambda: datetime.now(UTC).replace(microsecond=0),
        ids=lambda: str(ObjectId()),
        signer=CursorSigner(b"for tests"),
    )

"""What every test may ask for: a real MongoDB for the whole run, and a database of its own."""

import asyncio
import os
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pymongo import AsyncMongoClient

from graph.store.mongod.attachment import private_mongod

# In CI the same examples each time, so that a red run is about the change; a slow machine is no failure.
TOLERANT = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("default", deadline=None, suppress_health_check=TOLERANT)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# For every server of a test that says nothing else: on a busy machine the database may stand still for longer than the
# default. What is promised of a database that is away is tested with the default (`test_outage`).
os.environ["PROMPTGRAPH_STORE_TIMEOUT_SECONDS"] = "10"

# A shell that runs the tests in its background has them, and every program that they start, pass Ctrl-C by.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
async def mongodb_url() -> AsyncIterator[str]:
    """One replica set for the run, started as `promptgraph serve` starts it."""
    with tempfile.TemporaryDirectory(prefix="promptgraph-") as place:
        async with private_mongod(Path(place, "data")) as uri:
            yield uri


@pytest.fixture(scope="session")
async def sweep(mongodb_url: str) -> AsyncIterator[Callable[[str], None]]:
    """Drops a database beside the next tests: MongoDB takes a tenth of a second for it, and waits for most of that."""
    drops: list[asyncio.Task[None]] = []
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        yield lambda name: drops.append(asyncio.create_task(client.drop_database(name)))
        await asyncio.gather(*drops)


@pytest.fixture
async def database_name(sweep: Callable[[str], None]) -> AsyncIterator[str]:
    """The name of a database that this test has for itself; it is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    yield name
    sweep(name)

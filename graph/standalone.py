"""Zero set-up: what a command needs and nobody has configured, it gets here for as long as it runs."""

import contextlib
from collections.abc import AsyncIterator

from graph.settings import Settings
from graph.store.mongod.attachment import private_mongod


@contextlib.asynccontextmanager
async def registry_database(settings: Settings) -> AsyncIterator[str]:
    """The URI of the registry's MongoDB: the one that is configured, else a private one in the data directory.

    Raises PrivateMongodError, whose message says what to do, when there is none to be had.
    """
    if settings.mongodb_url is not None:
        yield settings.mongodb_url.get_secret_value()
        return
    async with private_mongod(settings.data_dir) as uri:
        yield uri

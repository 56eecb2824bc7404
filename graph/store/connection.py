"""Connecting to the configured database, and telling whoever configured it what is wrong with it.

What the driver says may hold the URL with its password, so only its kind is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, InvalidName, InvalidURI, OperationFailure

from graph.domain.outages import StoreMisconfiguredError, StoreUnavailableError
from graph.store import failures
from graph.store.database import Database, Document
from search_sync.driver import make_client

CONNECT_MS = 2_000


def connect(url: str, name: str) -> AsyncMongoClient[Document]:
    """A client of the database at `url`; it connects when it is first used. Raises StoreMisconfiguredError."""
    try:
        client = make_client(url, retryWrites=True, connectTimeoutMS=CONNECT_MS, heartbeatFrequencyMS=CONNECT_MS)
        client.get_database(name)
    except InvalidName:
        raise StoreMisconfiguredError(f"PROMPTGRAPH_MONGODB_DATABASE: {name!r} is no name of a database.") from None
    except (ConfigurationError, InvalidURI, ValueError):
        raise StoreMisconfiguredError(
            "PROMPTGRAPH_MONGODB_URL is no MongoDB URL. It begins with mongodb:// or mongodb+srv://, and its user "
            "and password are percent-encoded."
        ) from None
    return client


async def refuse_single_server(database: Database) -> None:
    """Raises StoreMisconfiguredError for a server that is in no replica set: it has no transactions."""
    with database.bounded():
        hello = await database.client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise StoreMisconfiguredError(
            "PROMPTGRAPH_MONGODB_URL leads to a single server. Make it a replica set, of one member if need be: start "
            "mongod with --replSet and run rs.initiate() once."
        )


@contextmanager
def telling_operators() -> Iterator[None]:
    """Raises StoreMisconfiguredError where the database refuses who is asking."""
    try:
        yield
    except (OperationFailure, StoreUnavailableError) as error:
        match getattr(error.__cause__ or error, "code", None):
            case failures.AUTHENTICATION_FAILED:
                told = "does not know the user and password in PROMPTGRAPH_MONGODB_URL."
            case failures.UNAUTHORIZED:
                told = (
                    "does not let the user in PROMPTGRAPH_MONGODB_URL read and write here: give it the role readWrite."
                )
            case _:
                raise
        raise StoreMisconfiguredError(f"The database {told}") from None

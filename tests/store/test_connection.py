"""Whoever configured a database that cannot be used is told why, without its password."""

import asyncio
import tempfile

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from graph.domain.outages import StoreMisconfiguredError, StoreUnavailableError
from graph.store.database import Document
from graph.store.mongod.binary import find_mongod
from graph.store.store import open_store


async def refusal(url: str, name: str = "test") -> str:
    with pytest.raises(StoreMisconfiguredError) as refused:
        async with open_store(url, name):
            pass
    return refused.value.message


@pytest.mark.parametrize("url", ["mango://host", "mongodb://user:p@ss@host", "mongodb://host:port", ""])
async def test_what_is_no_url_of_a_mongodb_is_told_without_repeating_it(url: str) -> None:
    message = await refusal(url)
    assert message.startswith("PROMPTGRAPH_MONGODB_URL is no MongoDB URL.")
    assert "p@ss" not in message


async def test_an_impossible_name_of_a_database_is_told(mongodb_url: str) -> None:
    assert "PROMPTGRAPH_MONGODB_DATABASE: 'a b'" in await refusal(mongodb_url, "a b")


async def test_a_user_that_the_database_does_not_know_is_told_without_the_password(mongodb_url: str) -> None:
    message = await refusal(mongodb_url.replace("mongodb://", "mongodb://user:secret@"))
    assert "does not know the user and password" in message
    assert "secret" not in message


async def test_a_server_without_a_replica_set_is_refused_before_the_first_write() -> None:
    with tempfile.TemporaryDirectory(prefix="promptgraph-") as place:
        options = ["--dbpath", place, "--bind_ip", f"{place}/s.sock", "--port", "27017", "--logpath", f"{place}/log"]
        process = await asyncio.create_subprocess_exec(find_mongod(), *options, stdout=asyncio.subprocess.DEVNULL)
        try:
            assert "leads to a single server" in await refusal(f"mongodb://{place.replace('/', '%2F')}%2Fs.sock")
        finally:
            process.terminate()
            await process.wait()


async def test_a_user_that_is_let_in_no_more_is_an_outage_for_callers_and_an_error_for_the_operator(
    mongodb_url: str,
) -> None:
    async with AsyncMongoClient[Document](mongodb_url) as admin:
        await admin.admin.command("createUser", "ada", pwd="first", roles=["root"])
        try:
            async with open_store(mongodb_url.replace("mongodb://", "mongodb://ada:first@"), "refusing") as store:
                await store.database.ping()
                await admin.admin.command("updateUser", "ada", pwd="second")
                with capture_logs() as lines:
                    pings = await asyncio.gather(*[store.database.ping() for _ in range(20)], return_exceptions=True)
        finally:
            await admin.admin.command("dropUser", "ada")
            await admin.drop_database("refusing")
    failed = [outcome for outcome in pings if outcome is not None]
    assert failed, "nobody needed a new connection"
    assert all(isinstance(outcome, StoreUnavailableError) for outcome in failed)
    assert any(line["log_level"] == "error" for line in lines)
    assert "first" not in str(lines)

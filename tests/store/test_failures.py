"""A database that cannot answer now is told apart from one that refuses what it was asked, however it says so."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import (
    BulkWriteError,
    CursorNotFound,
    NetworkTimeout,
    OperationFailure,
    WriteConcernError,
    WriteError,
)

from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError
from graph.store.database import Database, Document, Session
from graph.store.failures import is_passing
from tests.search_sync.own_mongod import failing, own_mongod

PASSING = [6, 7, 24, 50, 64, 89, 91, 94, 112, 133, 134, 136, 175, 189, 202, 225, 237, 246, 251, 262, 290, 10107, 11600]
PASSING += [11601, 11602, 13435, 13436, 14031, 46841, 9001]
OURS = [2, 9, 13, 18, 59, 72, 121, 10334, 11000]  # BadValue, Unauthorized, validation, a key that is there already


@pytest.mark.parametrize("code", PASSING)
def test_what_passes_by_itself_is_an_outage_as_an_answer_and_as_a_part_of_one(code: int) -> None:
    assert is_passing(OperationFailure("it is so", code))
    assert is_passing(WriteError("it is so", code))
    assert is_passing(WriteConcernError("it is so", code))
    assert is_passing(BulkWriteError({"writeErrors": [{"code": code}], "writeConcernErrors": []}))
    assert is_passing(BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": code}]}))


@pytest.mark.parametrize("code", OURS)
def test_what_would_be_refused_again_is_none(code: int) -> None:
    assert not is_passing(OperationFailure("it is so", code))
    assert not is_passing(BulkWriteError({"writeErrors": [{"code": code}]}))


def test_a_server_that_says_itself_that_trying_again_helps_is_believed() -> None:
    assert is_passing(OperationFailure("it is so", 8, {"errorLabels": ["TransientTransactionError"]}))
    assert is_passing(NetworkTimeout("too long"))
    assert is_passing(CursorNotFound("it is so", 43))
    assert not is_passing(LookupError())


@pytest.fixture(scope="module")
async def failing_client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncMongoClient[Document]]:
    place = Path(tmp_path_factory.mktemp("failing"), "data")
    async with own_mongod(place) as mongod, AsyncMongoClient[Document](mongod.url) as client:
        yield client


async def write_one(database: Database) -> None:
    async def write(session: Session) -> None:
        await database.collection("rows").insert_one({}, session=session)

    await database.transact(write)


@pytest.mark.parametrize("code", [46841, 11600, 13, 18])
async def test_a_read_that_fails_so_is_told_as_unavailable(
    failing_client: AsyncMongoClient[Document], code: int
) -> None:
    database = Database(failing_client, "some", 5)
    async with failing(failing_client, ["find"], code, times=3):
        with pytest.raises(StoreUnavailableError), database.bounded():
            await database.collection("rows").find_one({})


@pytest.mark.parametrize("code", [46841, 2])
async def test_a_commit_that_fails_so_is_an_unknown_outcome_whatever_the_code(
    failing_client: AsyncMongoClient[Document], code: int
) -> None:
    database = Database(failing_client, "some", 5)
    async with failing(failing_client, ["commitTransaction"], code, times=1):
        with pytest.raises(OutcomeUnknownError):
            await write_one(database)


async def test_what_is_refused_for_itself_within_a_transaction_stays_what_it_is(
    failing_client: AsyncMongoClient[Document],
) -> None:
    database = Database(failing_client, "some", 5)
    async with failing(failing_client, ["insert"], 2, times=1):
        with pytest.raises(OperationFailure):
            await write_one(database)

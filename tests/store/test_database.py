"""A dead database does not hang a request, a slow one is no dead one, and a commit that was cut off is told as such."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import WriteConcernError, WriteError
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError
from graph.store import database as database_module
from graph.store.database import Database, Document, Session
from graph.store.store import Store
from tests.clock import awake_seconds


class Commits(CommandListener):
    """Keeps what commits ask for."""

    def __init__(self) -> None:
        self.concerns: list[object] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "commitTransaction":
            self.concerns.append(event.command.get("writeConcern"))

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


SILENT = "mongodb://127.0.0.1:1/?directConnection=true"


async def test_a_database_that_is_not_there_is_told_within_two_seconds_however_often_it_is_asked() -> None:
    client: AsyncMongoClient[Document] = AsyncMongoClient(SILENT)
    database = Database(client, "nowhere", timeout=1.0)
    started = awake_seconds()
    for _ in range(4):
        with pytest.raises(StoreUnavailableError):
            await database.ping()
    assert awake_seconds() - started < 2
    await client.close()


async def test_a_database_that_is_not_there_is_told_no_later_than_was_asked() -> None:
    async with AsyncMongoClient[Document](SILENT) as client:
        started = awake_seconds()
        with pytest.raises(StoreUnavailableError):
            await Database(client, "nowhere", timeout=1.05).ping()
        assert awake_seconds() - started < 1.45, "the driver looks only every half second"


@asynccontextmanager
async def answering(database: Database) -> AsyncIterator[None]:
    """Others ask as well, and are answered."""
    is_over = False

    async def ask() -> None:
        while not is_over:
            await database.ping()

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        is_over = True
        await asking


async def ask_slowly(database: Database, seconds: float) -> None:
    """One question that takes the server so long."""
    with database.bounded():
        await database.collection("rows").find_one({"$where": f"sleep({seconds * 1_000}) || true"})


async def test_a_database_that_answers_others_is_slow_and_not_suspect(impatient_store: Store) -> None:
    database = impatient_store.database
    await database.collection("rows").insert_one({"_id": 1})
    async with answering(database):
        with pytest.raises(StoreUnavailableError):
            await ask_slowly(database, 3)
        await ask_slowly(database, 0.5)


async def test_a_suspect_database_that_is_only_slow_gets_its_time_again_after_a_while(
    impatient_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = impatient_store.database
    monkeypatch.setattr(database_module, "SUSPECT_SECONDS", 0.4)
    await database.collection("rows").insert_one({"_id": 1})
    with pytest.raises(StoreUnavailableError):
        await ask_slowly(database, 3)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await ask_slowly(database, 0.6)
    await ask_slowly(database, 0.6)


async def test_what_work_raises_undoes_the_transaction(impatient_store: Store) -> None:
    rows = impatient_store.database.collection("rows")

    async def write(session: Session) -> None:
        await rows.insert_one({"_id": 1}, session=session)
        raise LookupError

    with pytest.raises(LookupError):
        await impatient_store.database.transact(write)
    assert await rows.count_documents({}) == 0


async def test_a_commit_is_acknowledged_by_the_majority_s_journals_whatever_the_url_says(
    mongodb_url: str, database_name: str
) -> None:
    commits = Commits()
    async with AsyncMongoClient[Document](mongodb_url + "&w=1&journal=false", event_listeners=[commits]) as client:
        database = Database(client, database_name, timeout=10)

        async def write(session: Session) -> None:
            await database.collection("rows").insert_one({"_id": 1}, session=session)

        await database.transact(write)
    assert commits.concerns == [{"w": "majority", "j": True}]


async def test_a_database_that_stops_before_the_commit_has_written_nothing(impatient_store: Store) -> None:
    rows = impatient_store.database.collection("rows")
    pid = await _pid(impatient_store)

    async def write(session: Session) -> None:
        _stop(pid)
        await rows.insert_one({"_id": 1}, session=session)

    try:
        with pytest.raises(StoreUnavailableError):
            await impatient_store.database.transact(write)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert await rows.count_documents({}) == 0


async def test_a_commit_that_was_cut_off_is_an_unknown_outcome(impatient_store: Store) -> None:
    rows = impatient_store.database.collection("rows")
    pid = await _pid(impatient_store)

    async def write(session: Session) -> None:
        await rows.insert_one({"_id": 1}, session=session)
        _stop(pid)

    try:
        with pytest.raises(OutcomeUnknownError):
            await impatient_store.database.transact(write)
    finally:
        os.kill(pid, signal.SIGCONT)


async def _pid(store: Store) -> int:
    status = await store.database.client.admin.command("serverStatus")
    return int(status["pid"])


def _stop(pid: int) -> None:
    """Returns when the process stands still: the signal alone may take effect only after the next commit."""
    os.kill(pid, signal.SIGSTOP)
    for _ in range(1_000):
        states = [path.read_text().rsplit(")", 1)[1].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
        if set(states) == {"T"}:
            return
        time.sleep(0.001)
    raise TimeoutError("the process does not stop")


INTERRUPTED = [WriteError("Not primary", 189), WriteConcernError("operation was interrupted", 11602)]


@pytest.mark.parametrize("error", INTERRUPTED)
async def test_a_write_that_an_election_interrupts_is_told_as_unavailable(error: Exception) -> None:
    with pytest.raises(StoreUnavailableError), Database(AsyncMongoClient(SILENT), "any", 1).bounded():
        raise error


async def test_a_write_that_is_refused_for_itself_is_no_outage() -> None:
    with pytest.raises(WriteError), Database(AsyncMongoClient(SILENT), "any", 1).bounded():
        raise WriteError("Document failed validation", 121)

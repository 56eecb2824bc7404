"""One holder at a time, and nothing from one that was overtaken."""

import asyncio

import pytest
from bson.timestamp import Timestamp
from pymongo.asynchronous.database import AsyncDatabase

from search_sync.checkpoint import Checkpoint
from search_sync.lease import Lease, LeaseLostError
from search_sync.status import State, Status
from tests.search_sync.conftest import Document, until

Database = AsyncDatabase[Document]


def checkpoint(text: str) -> Checkpoint:
    return Checkpoint({"_data": text}, "print", Timestamp(1, 2), None)


async def test_of_many_at_once_one_gets_it(database: Database) -> None:
    leases = [Lease(database, "index", f"worker-{number}", 5) for number in range(8)]
    assert sum(await asyncio.gather(*(lease.acquire() for lease in leases))) == 1


async def test_one_that_was_given_back_is_free_at_once(database: Database) -> None:
    first, second = Lease(database, "index", "a", 60), Lease(database, "index", "b", 60)
    assert await first.acquire()
    assert not await second.acquire()
    await first.release(Status())
    assert not first.is_good
    assert await second.acquire()
    assert second.fence > first.fence


async def test_a_silent_holder_is_overtaken_and_can_write_nothing(database: Database) -> None:
    first, second = Lease(database, "index", "a", 1.0), Lease(database, "index", "b", 5)
    assert await first.acquire()
    await first.beat(Status(pending=1), checkpoint("first"))
    await until(second.acquire)
    await second.beat(Status(pending=2), checkpoint("second"))
    with pytest.raises(LeaseLostError):
        first.check()
    with pytest.raises(LeaseLostError):
        await first.beat(Status(pending=3), checkpoint("zombie"))
    await first.release(Status())
    told = await second.read()
    assert told.is_alive
    assert told.checkpoint == checkpoint("second")
    assert told.status
    assert told.status.pending == 2


async def test_a_holder_of_the_same_name_has_another_fence(database: Database) -> None:
    first, second = Lease(database, "index", "same", 5), Lease(database, "index", "same", 5)
    assert await first.acquire()
    assert await second.acquire()
    with pytest.raises(LeaseLostError):
        await first.beat(Status(), checkpoint("zombie"))
    await second.beat(Status(), checkpoint("second"))


async def test_a_holder_that_beats_keeps_it(database: Database) -> None:
    first, second = Lease(database, "index", "a", 0.5), Lease(database, "index", "b", 5)
    assert await first.acquire()
    for _ in range(10):
        await asyncio.sleep(0.1)
        await first.beat(Status(), None)
        assert not await second.acquire()


async def test_what_is_told_comes_back_as_it_was(database: Database) -> None:
    lease = Lease(database, "index", "a", 5)
    await lease.acquire()
    status = Status(State.WAITING, "a", 3, 40, None, 1, 2, 5, "$holder is no expression")
    status.counters["x"] = 7
    await lease.beat(status, checkpoint("$$NOW"))
    told = await lease.read()
    assert (told.status, told.checkpoint) == (status, checkpoint("$$NOW"))


async def test_what_a_later_release_tells_beyond_ours_is_passed_over(database: Database) -> None:
    lease = Lease(database, "index", "a", 5)
    await lease.acquire()
    await lease.beat(Status(pending=3), checkpoint("here"))
    news = {"status.mood": "sunny", "status.state": "dreaming", "checkpoint.shard": 4}
    await database.sync_state.update_one({"_id": "index"}, {"$set": news})
    told = await lease.read()
    assert told.checkpoint == checkpoint("here")
    assert told.status
    assert (told.status.pending, told.status.state) == (3, State.WAITING)


async def test_indexes_of_other_names_have_other_leases(database: Database) -> None:
    assert await Lease(database, "one", "a", 5).acquire()
    assert await Lease(database, "two", "b", 5).acquire()
    assert not (await Lease(database, "three", "c", 5).read()).is_alive

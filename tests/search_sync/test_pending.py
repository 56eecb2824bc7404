"""Changes on their way, in memory."""

import asyncio
from datetime import UTC, datetime, timedelta

from bson.timestamp import Timestamp

from search_sync.change_stream import Change
from search_sync.pending import Pending

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def change(one: str, seconds: int = 0, afresh: bool = False) -> Change:
    return Change(one, Timestamp(seconds + 1, 1), BEGIN + timedelta(seconds=seconds), afresh)


def make(most: int = 100) -> Pending:
    pending = Pending(most)
    pending.begin({"_data": "begin"})
    return pending


async def test_a_prompt_that_changes_often_is_looked_at_once() -> None:
    pending = make()
    for second in range(50):
        pending.add(change("a", second), {"_data": str(second)})
    taken = await pending.take(1)
    assert (dict(taken.ids), taken.token) == ({"a": False}, {"_data": "49"})
    assert (taken.oldest, taken.newest) == (BEGIN, BEGIN + timedelta(seconds=49))


async def test_a_prompt_that_starts_afresh_does_so_whatever_follows() -> None:
    pending = make()
    pending.add(change("a", afresh=True), {})
    pending.add(change("a"), {})
    assert (await pending.take(1)).ids == {"a": True}


async def test_an_idle_stream_moves_the_token_all_the_same() -> None:
    pending = make()
    pending.note_idle({"_data": "later"}, 7.0)
    taken = await pending.take(0.01)
    assert (dict(taken.ids), taken.token, taken.complete_at) == ({}, {"_data": "later"}, 7.0)


async def test_a_change_is_taken_at_once() -> None:
    pending = make()
    taking = asyncio.create_task(pending.take(60))
    await asyncio.sleep(0)
    pending.add(change("a"), {})
    assert (await asyncio.wait_for(taking, 1)).ids == {"a": False}


async def test_when_it_is_full_there_is_no_room_until_it_is_emptied() -> None:
    pending = make(most=2)
    for one in "ab":
        await pending.wait_for_room()
        pending.add(change(one), {})
    waiting = asyncio.create_task(pending.wait_for_room())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await pending.take(0)
    await asyncio.wait_for(waiting, 1)

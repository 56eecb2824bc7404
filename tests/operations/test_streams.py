import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from graph.domain.actors import Access, Grant, Scope
from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.domain.events import EventKind
from graph.domain.feed import EventFilter, ResetReason, Told
from graph.domain.limits import Limits
from graph.operations.access import authenticate
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.operations.streams import Checkpoint, Message, Reset, follow
from search_sync.tasks import end_task
from tests.feeds import number_events, soon, take
from tests.fixtures import caller, draft

ALL = EventFilter()


async def create(deps: Deps, *names: str) -> None:
    for name in names:
        await create_prompt(deps, caller(), draft(name))
    await number_events(deps)


@asynccontextmanager
async def following(
    deps: Deps, access: Access | None = None, where: EventFilter = ALL, after: int | None = None
) -> AsyncIterator[AsyncGenerator[Message]]:
    async with aclosing(await follow(deps, access or caller(), where, after)) as stream:
        yield stream


def with_limits(deps: Deps, **bounds: int) -> Deps:
    return replace(deps, limits=replace(deps.limits, **bounds))


def seqs(messages: list[Message]) -> list[int | None]:
    return [message.event.seq if isinstance(message, Told) else None for message in messages]


async def next_name(stream: AsyncGenerator[Message]) -> str:
    """Of the prompt that the next event tells of."""
    while not isinstance(message := await soon(stream), Told):
        pass
    assert message.event.after
    return message.event.after.name


async def test_without_a_cursor_it_tells_what_comes_from_now_on(deps: Deps) -> None:
    await create(deps, "old")
    async with following(deps) as stream:
        assert await soon(stream) == Checkpoint(1, is_live=True)
        await create(deps, "new")
        assert seqs([await soon(stream)]) == [2]


async def test_with_a_cursor_it_tells_what_was_missed_and_goes_on(deps: Deps) -> None:
    await create(deps, "a", "b", "c")
    async with following(deps, after=1) as stream:
        assert seqs(await take(stream, 2)) == [2, 3]
        assert await soon(stream) == Checkpoint(3, is_live=True)
        await create(deps, "d", "e")
        assert seqs(await take(stream, 2)) == [4, 5]


async def test_many_followers_share_one_change_stream_and_read_each_event_once(deps: Deps) -> None:
    async with following(deps) as one, following(deps) as two:
        await take(one, 1)
        await take(two, 1)
        await create(deps, "a")
        first, second = await soon(one), await soon(two)
        assert isinstance(first, Told)
        assert isinstance(second, Told)
        assert first.event is second.event


async def test_what_changes_while_the_past_is_read_is_neither_missed_nor_told_twice(deps: Deps) -> None:
    await create(deps, *(f"old-{number}" for number in range(5)))
    async with following(deps, after=0) as stream:
        first = await soon(stream)
        await create(deps, *(f"new-{number}" for number in range(5)))
        told = [seq for seq in seqs([first, *await take(stream, 10)]) if seq]
        assert told == [*range(1, 11)]


async def test_a_follower_that_falls_behind_the_window_reads_the_log(deps: Deps) -> None:
    deps.store.hub._limits = Limits(feed_events=2)
    async with following(deps) as stream:
        await take(stream, 1)
        await create(deps, *(f"p{number}" for number in range(7)))
        await deps.store.hub.wait_beyond(6, 10)
        assert len(deps.store.hub._events) <= 2
        assert seqs(await take(stream, 7)) == [*range(1, 8)]


async def test_a_cursor_beyond_retention_is_reset_and_that_is_the_end(deps: Deps) -> None:
    await create(deps, "a", "b", "c")
    await deps.store.database.collection("sync_state").update_one({"_id": "feed"}, {"$set": {"first": 3}})
    async with following(deps, after=1) as stream:
        assert [message async for message in stream] == [Reset(3, ResetReason.CURSOR_EXPIRED)]
    async with following(deps, after=2) as stream:
        assert seqs(await take(stream, 1)) == [3]


async def test_what_retention_removes_before_it_was_read_is_no_silent_gap(deps: Deps) -> None:
    await create(deps, "a", "b", "c")
    async with following(deps) as first:
        await take(first, 1)
        assert deps.store.hub._task
        await end_task(deps.store.hub._task)  # from now on the hub has heard of nothing
        await deps.store.database.collection("events").delete_many({"seq": {"$lt": 3}})
        await deps.store.database.collection("sync_state").update_one({"_id": "feed"}, {"$set": {"first": 3}})
        async with following(deps, after=0) as stream:
            assert [message async for message in stream] == [Reset(3, ResetReason.CURSOR_EXPIRED)]


async def test_a_cursor_of_a_history_that_is_no_more_is_reset(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.operations.streams.CATCH_UP_SECONDS", 0.0)
    await create(deps, "a")
    async with following(deps, after=9) as stream:
        assert [message async for message in stream] == [Reset(1, ResetReason.HISTORY_LOST)]


async def test_a_cursor_is_not_said_to_be_lost_while_only_the_hub_does_not_know_its_place(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an outage, which may be longer than the patience."""
    monkeypatch.setattr("graph.operations.streams.CATCH_UP_SECONDS", 0.02)
    monkeypatch.setattr("graph.operations.streams.PAUSE_SECONDS", 0.01)
    async with following(deps) as first:
        await take(first, 1)
        assert deps.store.hub._task
        await end_task(deps.store.hub._task)  # from now on the hub has heard of nothing
        await create(deps, "a", "b")
        async with following(deps, after=2) as stream:
            waiting = asyncio.ensure_future(soon(stream))
            await asyncio.wait([waiting], timeout=0.3)
            await deps.store.hub._take(await deps.store.feed.span())
            assert await waiting == Checkpoint(2, is_live=True)


async def fail() -> None:
    raise LookupError


async def test_who_comes_after_a_fault_has_ended_the_watching_is_told(deps: Deps) -> None:
    """Though somebody else, who reads slowly, has not heard of the fault yet."""
    async with following(deps) as slow:
        await take(slow, 1)
        hub = deps.store.hub
        assert hub._task
        await end_task(hub._task)
        hub._task = asyncio.ensure_future(fail())
        await asyncio.wait([hub._task])
        await create(deps, "a")
        async with following(deps, after=0) as stream:
            assert seqs([await soon(stream)]) == [1]


async def test_a_cursor_from_a_quicker_process_is_waited_for(deps: Deps) -> None:
    await create(deps, "a")
    async with following(deps, after=2) as stream:
        waiting = asyncio.ensure_future(soon(stream))
        await asyncio.sleep(0)
        await create(deps, "b", "c")
        assert seqs([await waiting]) == [3]


async def test_a_filter_lets_through_what_it_names_and_the_place_moves_on_over_the_rest(deps: Deps) -> None:
    deps = with_limits(deps, checkpoint_events=3)
    await create(deps, "x/1", "x/2", "x/3", "y/1", "x/4")
    async with following(deps, where=EventFilter(folders=("y",), kinds=(EventKind.CREATED,)), after=0) as stream:
        found = await take(stream, 3)
        assert found[0] == Checkpoint(3, is_live=False)
        assert seqs(found[1:2]) == [4]
        assert found[2] == Checkpoint(5, is_live=True)


async def test_a_checkpoint_comes_when_there_is_nothing_to_tell(deps: Deps) -> None:
    async with following(with_limits(deps, checkpoint_seconds=0)) as stream:
        assert await take(stream, 3) == [Checkpoint(0, is_live=True)] * 3


async def test_following_needs_the_scope(deps: Deps) -> None:
    with pytest.raises(ForbiddenError):
        await follow(deps, caller(scopes={Scope.PROMPTS_READ}), ALL, None)
    with pytest.raises(UnauthenticatedError):
        await follow(deps, Access(actor=None), ALL, None)


async def test_a_key_that_is_revoked_ends_the_stream_within_a_second(deps: Deps) -> None:
    made = await create_key(deps, caller(), "partner", [Scope.EVENTS_READ, Scope.PROMPTS_READ])
    access = await authenticate(deps, made.secret, None, Access(actor=None))
    async with following(deps, access) as stream:
        await take(stream, 1)
        await revoke_key(deps, caller(), made.key.id)
        async with asyncio.timeout(5):
            with pytest.raises(UnauthenticatedError):
                await anext(stream)


async def test_a_change_of_grants_is_felt_by_those_who_follow_already(deps: Deps) -> None:
    scopes = [Scope.EVENTS_READ, Scope.PROMPTS_READ]
    made = await create_key(deps, caller(), "partner", scopes, [Grant("a")])
    access = await authenticate(deps, made.secret, None, Access(actor=None))
    async with following(deps, access) as stream:
        await take(stream, 1)
        await create(deps, "b/1", "a/1")
        assert await next_name(stream) == "a/1"
        keys = deps.store.database.collection("api_keys")
        await keys.update_one({"_id": made.key.id}, {"$set": {"grants": [{"folder": "b", "can_write": False}]}})
        await asyncio.sleep(0.25)
        await create(deps, "a/2", "b/2")
        assert await next_name(stream) == "b/2"


async def test_nothing_is_watched_while_nobody_follows(deps: Deps) -> None:
    async with following(deps) as stream:
        await take(stream, 1)
        assert deps.store.hub._task is not None
    assert deps.store.hub._task is None

"""The log in the order of the feed, and word of its growing."""

import asyncio
from datetime import UTC, datetime

from graph.domain.feed import Span
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from tests.fixtures import caller, draft


async def number_events(deps: Deps) -> int:
    """Stamps what is there as the sequencer does, without its care."""
    events = deps.store.database.collection("events")
    ids = [found["_id"] for found in await events.find().sort("at", 1).to_list()]
    for number, event in enumerate(ids, start=1):
        await events.update_one({"_id": event}, {"$set": {"seq": number}})
    state = deps.store.database.collection("sync_state")
    await state.update_one({"_id": "feed"}, {"$set": {"seq": len(ids)}}, upsert=True)
    return len(ids)


async def test_events_are_read_in_their_order_from_a_place_on(deps: Deps) -> None:
    for name in ("a", "b", "c"):
        await create_prompt(deps, caller(), draft(name))
    await number_events(deps)
    read = await deps.store.feed.read(after=1, upto=3, size=10)
    assert [event.seq for event in read] == [2, 3]
    assert [event.after and event.after.name for event in read] == ["b", "c"]
    assert await deps.store.feed.read(after=0, upto=1, size=10) == await deps.store.feed.read(after=0, upto=3, size=1)


async def test_an_event_without_a_number_is_not_in_the_log(deps: Deps) -> None:
    await create_prompt(deps, caller(), draft())
    assert await deps.store.feed.span() == Span(1, 0)
    assert await deps.store.feed.read(after=0, upto=100, size=10) == []


async def test_watching_tells_at_once_and_whenever_the_log_has_grown(deps: Deps) -> None:
    spans = deps.store.feed.watch()
    assert await anext(spans) == Span(1, 0)
    await create_prompt(deps, caller(), draft())
    await number_events(deps)
    async with asyncio.timeout(10):
        assert await anext(spans) == Span(1, 1)
    await spans.aclose()


async def test_watching_tells_what_retention_takes_and_a_restore_takes_back_and_nothing_of_beats(deps: Deps) -> None:
    state = deps.store.database.collection("sync_state")
    for name in "abc":
        await create_prompt(deps, caller(), draft(name))
    await number_events(deps)
    spans = deps.store.feed.watch()
    assert await anext(spans) == Span(1, 3)
    await state.update_one({"_id": "feed"}, {"$set": {"until": datetime.now(UTC)}})
    await state.update_one({"_id": "feed"}, {"$set": {"first": 3}})
    async with asyncio.timeout(10):
        assert await anext(spans) == Span(3, 3)
        await state.update_one({"_id": "feed"}, {"$set": {"seq": 2, "first": 2}})
        assert await anext(spans) == Span(2, 2)
        await state.update_one({"_id": "feed"}, {"$set": {"seq": 4}})
        assert await anext(spans) == Span(2, 4)
    await spans.aclose()

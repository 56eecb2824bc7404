"""From the feed into the queue: nothing is lost between the two, whatever is cut off."""

import asyncio

import pytest

from graph.domain.errors import CursorExpiredError
from graph.domain.feed import EventFilter, Span
from graph.domain.webhooks import PauseReason
from graph.operations.webhook_rights import rights_of
from graph.webhook_delivery import make_parts
from graph.webhooks.course import Course
from graph.webhooks.intake import TIMES_LOST, Intake, SetAnewError
from search_sync.tasks import end_task
from tests.webhooks.hooked import Hooked

URL = "http://127.0.0.1:1024/"


async def test_what_was_kept_by_one_that_died_before_it_moved_on_is_taken_again(hooked: Hooked) -> None:
    parts, store = make_parts(hooked.deps, hooked.setup), hooked.deps.store
    hook = await hooked.hook(URL, EventFilter())
    access = await rights_of(hooked.deps, hook)
    async with store.hub.following():
        await hooked.create("a", "b")
        last = (await store.feed.span()).last
        await store.hub.wait_beyond(last - 1, 10)
        taken = await Intake(parts, hook).take(hook, access)
        assert [one.seq for one in taken] == [last - 1, last]
        # As if it had died between the two writes, or the answer to the first had been lost.
        await store.database.collection("webhooks").update_one({"_id": hook.id}, {"$set": {"position": hook.position}})
        again = Intake(parts, hook)
        assert await again.take(hook, access) == taken
        assert again.position == last


async def test_a_webhook_that_was_set_anew_takes_nothing_more_in(hooked: Hooked) -> None:
    parts, store = make_parts(hooked.deps, hooked.setup), hooked.deps.store
    hook = await hooked.hook(URL, EventFilter())
    access = await rights_of(hooked.deps, hook)
    await store.database.collection("webhooks").update_one({"_id": hook.id}, {"$inc": {"run": 1}})
    async with store.hub.following():
        await hooked.create("a")
        await store.hub.wait_beyond((await store.feed.span()).last - 1, 10)
        with pytest.raises(SetAnewError):
            await Intake(parts, hook).take(hook, access)


async def test_what_retention_removes_before_it_was_read_is_no_silent_gap(hooked: Hooked) -> None:
    parts, store = make_parts(hooked.deps, hooked.setup), hooked.deps.store
    hook = await hooked.hook(URL, EventFilter())
    access = await rights_of(hooked.deps, hook)
    await hooked.create("a", "b", "c")
    async with store.hub.following():
        assert store.hub._task
        await end_task(store.hub._task)  # from now on the hub has heard of nothing
        last = (await store.feed.span()).last
        await store.database.collection("events").delete_many({"seq": {"$lt": last}})
        await store.database.collection("sync_state").update_one({"_id": "feed"}, {"$set": {"first": last}})
        with pytest.raises(CursorExpiredError):
            await Intake(parts, hook).take(hook, access)


async def test_a_webhook_whose_events_retention_removed_that_moment_is_paused(hooked: Hooked) -> None:
    parts, store = make_parts(hooked.deps, hooked.setup), hooked.deps.store
    hook = await hooked.hook(URL, EventFilter())
    await hooked.create("a", "b", "c")
    async with store.hub.following():
        assert store.hub._task
        await end_task(store.hub._task)
        last = (await store.feed.span()).last
        await store.database.collection("sync_state").update_one({"_id": "feed"}, {"$set": {"first": last}})
        await Course(parts, hook, asyncio.Semaphore(1), lambda: None).run()
    assert (await hooked.stored(hook)).reason is PauseReason.CURSOR_EXPIRED


async def test_a_place_that_only_the_hub_does_not_know_is_not_lost(hooked: Hooked) -> None:
    """In an outage the hub hears of nothing, for as long as that takes."""
    hook = await hooked.hook(URL, EventFilter())
    await hooked.create("a")
    intake = Intake(make_parts(hooked.deps, hooked.setup), hook)
    intake.position = (await hooked.deps.store.feed.span()).last
    assert [await intake.fault(Span()) for _ in range(TIMES_LOST + 1)] == [None] * (TIMES_LOST + 1)


async def test_a_place_that_the_store_does_not_know_is_lost_after_a_while(hooked: Hooked) -> None:
    intake = Intake(make_parts(hooked.deps, hooked.setup), await hooked.hook(URL, EventFilter()))
    intake.position = 99
    faults = [await intake.fault(Span()) for _ in range(TIMES_LOST)]
    assert faults == [*[None] * (TIMES_LOST - 1), PauseReason.HISTORY_LOST]

"""The deliveries of webhooks, as a queue and as a log that has an end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph.domain.events import EventKind
from graph.domain.paging import PageRequest
from graph.domain.webhooks import Attempt, Delivery, DeliveryState, delivery_id
from graph.store.deliveries import DeliveryStore
from graph.store.store import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def delivery(seq: int, webhook: str = "hook", run: int = 0) -> Delivery:
    id = delivery_id(webhook, run, seq)
    return Delivery(id, webhook, run, seq, f"msg_{seq}", "prompt", EventKind.UPDATED, NOW, next_at=None)


async def finish(deliveries: DeliveryStore, one: Delivery, ends: datetime | None = None) -> None:
    over = replace(one, state=DeliveryState.DELIVERED, finished_at=NOW)
    await deliveries.record(over, Attempt(NOW, 5, 200), 3, ends or datetime(2100, 1, 1, tzinfo=UTC))


async def seqs(deliveries: DeliveryStore, webhook: str = "hook") -> list[tuple[int, int]]:
    return [(one.run, one.seq) for one in (await deliveries.page(webhook, PageRequest(100))).items]


async def test_none_is_queued_twice_and_those_that_are_new_are_told(store: Store) -> None:
    one, two, three = delivery(1), delivery(2), delivery(3)
    assert await store.deliveries.add([one, two]) == [one, two]
    await finish(store.deliveries, one)
    assert await store.deliveries.add([one, two, three]) == [three]
    assert [waiting.seq for waiting in await store.deliveries.waiting("hook", 0)] == [2, 3]
    assert [waiting.seq for waiting in await store.deliveries.waiting_among([one, two])] == [2]


async def test_what_waits_comes_in_the_order_of_the_feed(store: Store) -> None:
    await store.deliveries.add([delivery(seq) for seq in (100, 9, 20)])
    assert [waiting.seq for waiting in await store.deliveries.waiting("hook", 0)] == [9, 20, 100]


async def test_the_log_tells_the_newest_events_of_the_newest_run_first(store: Store) -> None:
    await store.deliveries.add([delivery(10), delivery(9), delivery(1, run=1), delivery(1, "other")])
    assert await seqs(store.deliveries) == [(1, 1), (0, 10), (0, 9)]


async def test_attempts_are_counted_and_the_last_are_kept(store: Store) -> None:
    one = delivery(1)
    await store.deliveries.add([one])
    for number in range(5):
        waiting = replace(one, failures=number, first_failed_at=NOW, next_at=NOW)
        await store.deliveries.record(waiting, Attempt(NOW, number, 500, "no"), 3, None)
    (found,) = (await store.deliveries.page("hook", PageRequest(1))).items
    assert (found.attempt_count, [attempt.latency_ms for attempt in found.attempts]) == (5, [2, 3, 4])
    assert (found.failures, found.first_failed_at, found.next_at) == (4, NOW, NOW)
    await store.deliveries.hurry("hook")
    (found,) = await store.deliveries.waiting("hook", 0)
    assert (found.failures, found.first_failed_at, found.next_at) == (0, None, None)


async def test_the_log_is_cut_to_its_newest_entries_and_what_waits_stays(store: Store) -> None:
    entries = [delivery(seq) for seq in range(1, 8)]
    await store.deliveries.add(entries)
    for one in entries[1:]:
        await finish(store.deliveries, one)
    await store.deliveries.trim("hook", 10)
    assert len(await seqs(store.deliveries)) == 7
    await store.deliveries.trim("hook", 2)
    assert await seqs(store.deliveries) == [(0, 7), (0, 6), (0, 1)]


async def test_an_entry_that_is_over_has_an_end_and_one_that_waits_has_none(store: Store) -> None:
    await store.deliveries.add([delivery(1), delivery(2)])
    ends = NOW + timedelta(days=7)
    await finish(store.deliveries, delivery(1), ends)
    collection = store.database.collection("webhook_deliveries")
    found = await collection.find().sort("_id").to_list()
    assert [one.get("expires_at") for one in found] == [ends, None]
    indexes = await collection.index_information()
    assert indexes["expires_at"]["expireAfterSeconds"] == 0


async def test_what_earlier_runs_and_webhooks_that_are_gone_have_left_is_removed(store: Store) -> None:
    await store.deliveries.add([delivery(1), delivery(2), delivery(2, run=1), delivery(1, "gone")])
    await finish(store.deliveries, delivery(1))
    await store.deliveries.forget_waiting("hook", 1)
    assert await seqs(store.deliveries) == [(1, 2), (0, 1)]
    await store.deliveries.clear_others(["hook"])
    assert await seqs(store.deliveries, "gone") == []
    await store.deliveries.clear("hook")
    assert await seqs(store.deliveries) == []

"""Deliveries in memory: each prompt's in order, and no prompt behind another's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph.domain.events import EventKind
from graph.domain.webhooks import Delivery
from graph.webhooks.queue import DeliveryQueue

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = NOW + timedelta(seconds=5)


def waiting(prompt: str, seq: int, next_at: datetime | None = None) -> Delivery:
    return Delivery(f"{seq}", "hook", 0, seq, f"msg_{seq}", prompt, EventKind.UPDATED, NOW, next_at=next_at)


def seqs(deliveries: list[Delivery]) -> list[int]:
    return [delivery.seq for delivery in deliveries]


def test_of_each_prompt_the_oldest_is_taken_first_and_the_next_when_it_is_over() -> None:
    queue = DeliveryQueue([waiting("a", 1), waiting("b", 2), waiting("a", 3)])
    first, second = queue.take(NOW, 9)
    assert (first.seq, second.seq) == (1, 2)
    assert queue.take(NOW, 9) == []
    queue.finish(first)
    assert seqs(queue.take(NOW, 9)) == [3]
    assert len(queue) == 2


def test_no_more_are_taken_than_there_is_room_for() -> None:
    queue = DeliveryQueue([waiting(prompt, seq) for seq, prompt in enumerate("abc")])
    assert seqs(queue.take(NOW, 2)) == [0, 1]
    assert queue.take(NOW, 0) == []
    assert queue.take(NOW, -1) == []
    assert seqs(queue.take(NOW, 2)) == [2]


def test_one_that_failed_waits_for_its_time_and_holds_back_its_prompt_only() -> None:
    queue = DeliveryQueue([waiting("a", 1), waiting("a", 2), waiting("b", 3)])
    (first,) = queue.take(NOW, 1)
    queue.put_back(replace(first, next_at=SOON, first_failed_at=NOW))
    assert queue.next_at == SOON
    assert seqs(queue.take(NOW, 9)) == [3]
    assert seqs(queue.take(SOON, 9)) == [1]
    assert queue.next_at is None


def test_what_has_failed_only_since_then_is_tried_at_once() -> None:
    queue = DeliveryQueue([waiting("a", 1), waiting("b", 2)])
    first, second = queue.take(NOW, 9)
    queue.put_back(replace(first, next_at=SOON, first_failed_at=NOW))
    queue.put_back(replace(second, next_at=SOON, first_failed_at=NOW + timedelta(seconds=2)))
    queue.hurry(NOW + timedelta(seconds=1))
    assert seqs(queue.take(NOW, 9)) == [2]
    queue.hurry(None)
    assert seqs(queue.take(NOW, 9)) == [1]


def test_one_that_is_there_already_is_passed_over() -> None:
    queue = DeliveryQueue([waiting("a", 1)])
    (first,) = queue.take(NOW, 1)
    queue.add([waiting("a", 1), waiting("a", 2)])
    assert len(queue) == 2
    queue.finish(first)
    assert seqs(queue.take(NOW, 9)) == [2]

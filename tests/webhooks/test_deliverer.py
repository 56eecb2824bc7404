"""What partners are sent: every event that they may be told of, and nothing else."""

import asyncio

import pytest
from standardwebhooks import Webhook as Verifier

from graph.domain.actors import Grant
from graph.domain.events import EventKind
from graph.domain.feed import EventFilter
from graph.domain.outages import StoreUnavailableError
from graph.domain.prompts import VersionByNumber
from graph.domain.webhooks import DeliveryState
from graph.operations.feed import read_cursor
from graph.operations.labels import set_label
from graph.operations.prompts import delete_prompt
from graph.operations.webhooks import create_webhook, delete_webhook, replay_webhook
from tests.feeds import number_events
from tests.fixtures import caller
from tests.webhooks.hooked import Hooked
from tests.webhooks.receiver import receiving, speaking


async def test_an_event_comes_signed_with_its_cursor_and_is_logged(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        made = await create_webhook(hooked.deps, caller(), receiver.url, EventFilter())
        (prompt,) = await hooked.create("support/refund")
        (delivered,) = await receiver.wait_for(1)
        (entry,) = await hooked.until_logged(made.webhook, lambda log: bool(log and log[0].finished_at))
    body = Verifier(str(made.secret)).verify(delivered.body, delivered.headers)
    assert body["type"] == "prompt.created"
    assert body["data"] | {"promptId": "", "cursor": ""} == {
        "cursor": "",
        "kind": "CREATED",
        "promptId": "",
        "isInScope": True,
        "name": "support/refund",
    }
    assert read_cursor(hooked.deps, body["data"]["cursor"]) == 2, "the first is the record of the webhook"
    assert "Dear" not in delivered.body.decode()
    assert (entry.state, entry.attempt_count, entry.prompt_id) == (DeliveryState.DELIVERED, 1, prompt.id)
    assert entry.attempts[0].status == 204
    assert delivered.headers["webhook-id"] == entry.message_id


async def test_labels_and_versions_are_told_by_number(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        await hooked.hook(receiver.url)
        (prompt,) = await hooked.create("a")
        await hooked.append(prompt, 2)
        await set_label(hooked.deps, caller(), prompt.id, "production", VersionByNumber(1))
        await set_label(hooked.deps, caller(), prompt.id, "production", VersionByNumber(2))
        await number_events(hooked.deps)
        received = await receiver.wait_for(4)
    told = [one.json["data"] for one in received[1:]]
    assert [(one["version"], one.get("label"), one.get("previousVersion")) for one in told] == [
        (2, None, None),
        (1, "production", None),
        (2, "production", 1),
    ]


async def test_only_what_the_filter_takes_is_sent(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        hook = await hooked.hook(receiver.url, EventFilter(folders=("mine",), kinds=(EventKind.CREATED,)))
        mine, _ = await hooked.create("mine/a", "yours/a")
        await hooked.append(mine, 2)
        await hooked.create("mine/z")
        await receiver.wait_for(2)
        assert len(await hooked.log(hook)) == 2
    assert receiver.names == ["mine/a", "mine/z"]


async def test_what_its_key_may_not_read_is_not_sent(hooked: Hooked) -> None:
    narrow = caller("partner", grants=(Grant("mine"),))
    async with receiving() as receiver, hooked.delivering():
        await hooked.hook(receiver.url, access=narrow)
        await hooked.create("yours/a", "mine/a")
        await receiver.wait_for(1)
    assert receiver.names == ["mine/a"]


async def test_a_prompt_that_goes_is_told_without_its_name(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        (prompt,) = await hooked.create("a")
        await hooked.hook(receiver.url)
        await delete_prompt(hooked.deps, caller(), prompt.id, "a")
        await number_events(hooked.deps)
        (delivered,) = await receiver.wait_for(1)
    data = delivered.json["data"]
    assert set(data) == {"cursor", "kind", "promptId", "isInScope"}
    assert (data["kind"], data["isInScope"]) == ("DELETED", False)


async def test_a_replay_sends_what_came_after_the_cursor_with_the_same_ids(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        hook = await hooked.hook(receiver.url)
        await hooked.create("a", "b", "c")
        first = await receiver.wait_for(3)
        cursor = next(one.json["data"]["cursor"] for one in first if one.json["data"]["name"] == "a")
        await replay_webhook(hooked.deps, caller(), hook.id, cursor)
        again = (await receiver.wait_for(5))[3:]
        log = await hooked.until_logged(hook, lambda log: all(entry.finished_at for entry in log))
    ids = {one.json["data"]["name"]: one.headers["webhook-id"] for one in first}
    assert sorted((one.json["data"]["name"], one.headers["webhook-id"]) for one in again) == [
        ("b", ids["b"]),
        ("c", ids["c"]),
    ]
    assert len(log) == 5


async def test_a_deleted_webhook_is_sent_nothing_more_and_leaves_nothing(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        hook = await hooked.hook(receiver.url)
        await hooked.create("a")
        await receiver.wait_for(1)
        await delete_webhook(hooked.deps, caller(), hook.id)
        other = await hooked.hook(receiver.url)
        await hooked.create("b")
        await hooked.until_logged(other, lambda log: bool(log and log[0].finished_at))
        await hooked.until_logged(hook, lambda log: not log)


async def test_two_deliverers_send_nothing_twice(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering() as one, hooked.delivering() as two:
        hook = await hooked.hook(receiver.url)
        await hooked.create(*(f"p{number}" for number in range(20)))
        await hooked.until_logged(hook, lambda log: len(log) == 20 and all(entry.finished_at for entry in log))
        assert one.is_leading != two.is_leading
    assert len(receiver.received) == 20


async def test_a_full_queue_stops_the_reading_and_loses_nothing(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering(waiting=3):
        up = False
        receiver.answer = lambda delivered: 204 if up else 503
        hook = await hooked.hook(receiver.url)
        for start in range(0, 12, 3):
            await hooked.create(*(f"p{number:02}" for number in range(start, start + 3)))
        await receiver.wait_for(2)
        up = True
        await hooked.until_logged(hook, lambda log: len(log) == 12 and all(entry.finished_at for entry in log))


async def test_what_waits_is_told_by_the_rights_of_the_moment_when_it_is_sent(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        receiver.answer = lambda delivered: 503
        hook = await hooked.hook(receiver.url)
        await hooked.create("a")
        await receiver.wait_for(1)
        webhooks = hooked.deps.store.database.collection("webhooks")
        await webhooks.update_one({"_id": hook.id}, {"$set": {"grants": [{"folder": "other", "can_write": False}]}})
        log = await hooked.until_logged(hook, lambda log: bool(log[0].finished_at))
    assert log[0].state is DeliveryState.SKIPPED


async def test_a_receiver_that_never_answers_keeps_no_other_waiting(hooked: Hooked) -> None:
    async def say_nothing(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with speaking(say_nothing) as silent, receiving() as receiver, hooked.delivering(requests=64):
        dead = await hooked.hook(silent)
        await hooked.hook(receiver.url)
        await hooked.create(*(f"p{number}" for number in range(20)))
        await receiver.wait_for(20)
        assert {entry.finished_at for entry in await hooked.log(dead)} == {None}


async def test_a_webhook_is_deleted_or_set_anew_also_when_the_database_goes_away_before_its_log_is_cleared(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = await hooked.hook("http://127.0.0.1:1024/")

    async def go_away(*_: object) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(type(hooked.deps.store.deliveries), "_remove", go_away)
    assert (await replay_webhook(hooked.deps, caller(), hook.id, None)).run == hook.run + 1
    await delete_webhook(hooked.deps, caller(), hook.id)
    assert await hooked.deps.store.webhooks.find(hook.id) is None

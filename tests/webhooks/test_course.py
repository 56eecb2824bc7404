"""The course of one webhook: in order for each prompt, tried again, paused where nothing goes well."""

import asyncio
import time
from collections import defaultdict
from dataclasses import replace

from graph.domain.actors import Scope
from graph.domain.feed import EventFilter
from graph.domain.webhooks import DeliveryState, PauseReason, WebhookState
from graph.operations.feed import cursor_of
from graph.operations.webhooks import WebhookPatch, create_webhook, update_webhook
from graph.webhooks.signing import SecretMaker
from tests.fixtures import caller
from tests.webhooks.hooked import Hooked
from tests.webhooks.receiver import Delivered, receiving


async def test_a_receiver_that_was_down_gets_everything_in_order_for_each_prompt(hooked: Hooked) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    async with receiving() as receiver, hooked.delivering():
        up = False
        receiver.answer = lambda delivered: 204 if up else 503
        await hooked.hook(receiver.url)
        prompts = await hooked.create("a", "b", "c")
        for prompt in prompts:
            await hooked.append(prompt, 2, 3)
        await receiver.wait_for(2)
        up, failed = True, len(receiver.received)
        await receiver.wait_for(failed + 9)
    for delivered in receiver.received[failed:]:
        data = delivered.json["data"]
        seen[data["promptId"]].append(data.get("version", 1))
    assert sorted(seen.values()) == [[1, 2, 3]] * 3
    firsts = {one.headers["webhook-id"] for one in receiver.received[:failed]}
    assert firsts <= {one.headers["webhook-id"] for one in receiver.received[failed:]}


async def test_a_failing_event_holds_back_its_own_prompt_only(hooked: Hooked) -> None:
    def refuse_first(delivered: Delivered) -> int:
        data = delivered.json["data"]
        return 500 if data["name"] == "bad" and data["kind"] == "CREATED" else 204

    async with receiving() as receiver, hooked.delivering():
        receiver.answer = refuse_first
        hook = await hooked.hook(receiver.url)
        bad, good = await hooked.create("bad", "good")
        await hooked.append(bad, 2)
        await hooked.append(good, 2)
        log = await hooked.until_logged(
            hook, lambda log: sum(entry.state is DeliveryState.DELIVERED for entry in log) == 2
        )
    assert {entry.prompt_id for entry in log if entry.state is DeliveryState.DELIVERED} == {good.id}
    assert ("bad", "VERSION_CREATED") not in [
        (one.json["data"]["name"], one.json["data"]["kind"]) for one in receiver.received
    ]


async def test_an_event_that_is_refused_for_long_is_given_up_where_others_go_well(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering(retry_seconds=0.5):
        receiver.answer = lambda delivered: 422 if delivered.json["data"]["name"] == "bad" else 204
        hook = await hooked.hook(receiver.url)
        (bad,) = await hooked.create("bad")
        await receiver.wait_for(1)
        await hooked.create("good")
        log = await hooked.until_logged(hook, lambda log: any(entry.state is DeliveryState.FAILED for entry in log))
        assert {entry.prompt_id for entry in log if entry.state is DeliveryState.FAILED} == {bad.id}
        assert (await hooked.stored(hook)).reason is None


async def test_a_receiver_that_fails_for_long_pauses_the_webhook_and_nothing_is_lost(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering(retry_seconds=0.2):
        receiver.answer = lambda delivered: 500
        hook = await hooked.hook(receiver.url)
        await hooked.create("a", "b")
        paused = await hooked.until_paused(hook)
        assert paused.reason is PauseReason.RECEIVER_FAILING
        await hooked.create("c")
        receiver.answer = lambda delivered: 204
        failed = len(receiver.received)
        await update_webhook(hooked.deps, caller(), hook.id, WebhookPatch(state=WebhookState.ACTIVE))
        await receiver.wait_for(failed + 3)
    assert sorted(receiver.names[failed:]) == ["a", "b", "c"]


async def test_once_the_receiver_is_back_nothing_waits_for_its_time(hooked: Hooked) -> None:
    patient = {"first_pause_seconds": 600.0, "longest_pause_seconds": 600.0}
    async with receiving() as receiver, hooked.delivering(**patient):
        receiver.answer = lambda delivered: 503
        await hooked.hook(receiver.url)
        await hooked.create("a", "b")
        await receiver.wait_for(2)
        receiver.answer = lambda delivered: 204
        await hooked.create("c")
        await receiver.wait_for(5)
    assert sorted(receiver.names[2:]) == ["a", "b", "c"]


async def test_gone_pauses_at_once(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        receiver.answer = lambda delivered: 410
        hook = await hooked.hook(receiver.url)
        await hooked.create("a")
        assert (await hooked.until_paused(hook)).reason is PauseReason.RECEIVER_GONE
    assert len(receiver.received) == 1


async def test_another_signing_key_pauses_rather_than_sign_wrongly(hooked: Hooked) -> None:
    async with receiving() as receiver:
        hook = await hooked.hook(receiver.url)
        moved = Hooked(hooked.deps, replace(hooked.setup, secrets=SecretMaker(b"another")))
        async with moved.delivering():
            await hooked.create("a")
            assert (await hooked.until_paused(hook)).reason is PauseReason.SECRET_LOST
    assert receiver.received == []


async def test_a_place_beyond_the_feed_pauses(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        hook = (
            await create_webhook(hooked.deps, caller(), receiver.url, EventFilter(), after=cursor_of(hooked.deps, 99))
        ).webhook
        assert (await hooked.until_paused(hook)).reason is PauseReason.HISTORY_LOST


async def test_without_the_scope_to_read_events_it_is_paused(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        hook = await hooked.hook(receiver.url)
        webhooks = hooked.deps.store.database.collection("webhooks")
        await webhooks.update_one({"_id": hook.id}, {"$set": {"scopes": [Scope.PROMPTS_READ.value]}})
        await hooked.create("a")
        assert (await hooked.until_paused(hook)).reason is PauseReason.KEY_ENDED
    assert receiver.received == []


async def test_a_paused_webhook_is_sent_nothing_and_then_what_it_has_missed(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked.delivering():
        hook = await hooked.hook(receiver.url)
        other = await hooked.hook(receiver.url.replace("/hook", "/hook?other"))
        await update_webhook(hooked.deps, caller(), hook.id, WebhookPatch(state=WebhookState.PAUSED))
        await hooked.create("a")
        await hooked.until_logged(other, lambda log: bool(log and log[0].finished_at))
        assert not any(entry.attempt_count for entry in await hooked.log(hook))
        await update_webhook(hooked.deps, caller(), hook.id, WebhookPatch(state=WebhookState.ACTIVE))
        await hooked.until_logged(hook, lambda log: bool(log and log[0].finished_at))


async def test_a_new_url_is_used_at_once_for_what_waits(hooked: Hooked) -> None:
    patient = {"first_pause_seconds": 600.0, "longest_pause_seconds": 600.0}
    async with receiving() as wrong, receiving() as right, hooked.delivering(**patient):
        wrong.answer = lambda delivered: 500
        hook = await hooked.hook(wrong.url)
        await hooked.create("a")
        await wrong.wait_for(1)
        await update_webhook(hooked.deps, caller(), hook.id, WebhookPatch(url=right.url))
        await right.wait_for(1)


async def test_while_a_receiver_takes_its_time_nothing_spins(hooked: Hooked) -> None:
    async def fail_then_hang(delivered: Delivered) -> int:
        if len(receiver.received) >= 8:
            await asyncio.sleep(3)
        return 503

    async with receiving() as receiver, hooked.delivering():
        receiver.answer = fail_then_hang
        await hooked.hook(receiver.url)
        await hooked.create(*(f"p{number}" for number in range(8)))
        await receiver.wait_for(8)
        await asyncio.sleep(0.3)  # by now others are due as well, and one is under way
        started = time.process_time()
        await asyncio.sleep(1)
        used = time.process_time() - started
        assert used < 0.15

"""Webhooks as they are kept, with several who write at once."""

from dataclasses import replace
from datetime import UTC, datetime

from bson import ObjectId

from graph.domain.actors import Grant, Scope
from graph.domain.audit import AuditKind, Record
from graph.domain.events import EventKind, Signature
from graph.domain.feed import EventFilter
from graph.domain.webhooks import PauseReason, SecretMark, Webhook
from graph.store.store import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOOK = Webhook(
    id="hook",
    url="https://partner.example/",
    where=EventFilter(("p",), ("support",), ("mail",), ("production",), (EventKind.CREATED,)),
    owner_id="ada",
    key_id="key",
    scopes=frozenset({Scope.EVENTS_READ, Scope.PROMPTS_READ}),
    grants=(Grant("support"), Grant("drafts", can_write=True)),
    secrets=(SecretMark(b"nonce", b"check"), SecretMark(b"former", b"check", NOW)),
    position=5,
    created_at=NOW,
)


def record() -> Record:
    return Record(str(ObjectId()), AuditKind.WEBHOOK_UPDATED, Signature("ada", "key", NOW))


async def stored(store: Store) -> Webhook:
    found = await store.webhooks.find("hook")
    assert found is not None
    return found


async def test_a_webhook_is_read_as_it_was_written(store: Store) -> None:
    paused = replace(HOOK, id="paused", where=EventFilter(), reason=PauseReason.OWNER, paused_at=NOW)
    for webhook in (HOOK, paused):
        await store.webhooks.insert(webhook, record())
        assert await store.webhooks.find(webhook.id) == webhook
    assert await store.webhooks.list_active() == [HOOK]
    assert sorted(await store.webhooks.list_ids()) == ["hook", "paused"]


async def test_the_position_moves_on_from_where_it_was_only(store: Store) -> None:
    await store.webhooks.insert(HOOK, record())
    assert await store.webhooks.advance(HOOK, 8)
    assert not await store.webhooks.advance(HOOK, 9)
    assert (await stored(store)).position == 8


async def test_one_that_was_set_anew_or_paused_is_not_moved_on(store: Store) -> None:
    await store.webhooks.insert(HOOK, record())
    anew = await store.webhooks.set_anew("hook", 5, record())
    assert anew == replace(HOOK, run=1)
    assert not await store.webhooks.advance(HOOK, 8)
    assert await store.webhooks.pause(anew, PauseReason.RECEIVER_GONE, NOW)
    assert not await store.webhooks.pause(anew, PauseReason.KEY_ENDED, NOW)
    assert not await store.webhooks.advance(anew, 8)
    assert (await stored(store)).reason is PauseReason.RECEIVER_GONE


async def test_a_change_leaves_alone_what_others_write(store: Store) -> None:
    await store.webhooks.insert(HOOK, record())
    await store.webhooks.advance(HOOK, 8)
    changed = await store.webhooks.change(HOOK, replace(HOOK, url="https://elsewhere.example/"))
    assert changed == replace(HOOK, url="https://elsewhere.example/", position=8)
    assert await store.webhooks.change(HOOK, HOOK) == changed
    await store.webhooks.set_anew("hook", 1, record())
    assert await store.webhooks.change(HOOK, replace(HOOK, url="https://late.example/")) is None


async def test_one_that_was_turned_elsewhere_is_not_paused_for_what_it_was(store: Store) -> None:
    await store.webhooks.insert(HOOK, record())
    await store.webhooks.change(HOOK, replace(HOOK, url="https://elsewhere.example/"))
    assert not await store.webhooks.pause(HOOK, PauseReason.RECEIVER_GONE, NOW)
    await store.webhooks.delete("hook", record())
    assert await store.webhooks.find("hook") is None

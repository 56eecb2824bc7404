"""A webhook tells what its key may read now, and nothing once that has ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from graph.domain.actors import ANONYMOUS, Access, Grant, Scope
from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.domain.feed import EventFilter
from graph.domain.webhooks import Webhook, WebhookState
from graph.operations.access import LOCAL_ACCESS, authenticate
from graph.operations.api_keys import NewKey, create_key, revoke_key, rotate_key
from graph.operations.deps import Deps
from graph.operations.webhook_rights import rights_of
from graph.operations.webhooks import WebhookPatch, create_webhook, update_webhook

SCOPES = (Scope.PROMPTS_READ, Scope.EVENTS_READ, Scope.WEBHOOKS_MANAGE)


async def make_key(deps: Deps, folder: str = "support", name: str = "partner") -> NewKey:
    return await create_key(deps, LOCAL_ACCESS, name, SCOPES, (Grant(folder),))


async def enter(deps: Deps, key: NewKey) -> Access:
    return await authenticate(deps, key.secret, None, ANONYMOUS)


async def make_hook(deps: Deps, access: Access) -> Webhook:
    return (await create_webhook(deps, access, "https://partner.example/", EventFilter())).webhook


async def test_it_is_what_its_key_may_read(deps: Deps) -> None:
    key = await make_key(deps)
    access = await rights_of(deps, await make_hook(deps, await enter(deps, key)))
    assert (access.scopes, access.grants, access.key_id) == (frozenset(SCOPES), (Grant("support"),), key.key.id)


async def test_the_local_administrators_webhook_reads_everything(deps: Deps) -> None:
    access = await rights_of(deps, await make_hook(deps, LOCAL_ACCESS))
    assert access.scopes == frozenset(Scope)


async def test_with_a_revoked_or_expired_key_it_may_tell_nothing(deps: Deps) -> None:
    key = await make_key(deps)
    hook = await make_hook(deps, await enter(deps, key))
    await revoke_key(deps, LOCAL_ACCESS, key.key.id)
    with pytest.raises(UnauthenticatedError):
        await rights_of(deps, hook)


async def test_a_key_that_was_rotated_at_once_is_not_followed(deps: Deps) -> None:
    key = await make_key(deps)
    hook = await make_hook(deps, await enter(deps, key))
    await rotate_key(deps, LOCAL_ACCESS, key.key.id)
    with pytest.raises(UnauthenticatedError):
        await rights_of(deps, hook)


async def test_a_key_that_was_rotated_with_an_overlap_hands_on_its_webhooks(deps: Deps) -> None:
    key = await make_key(deps)
    hook = await make_hook(deps, await enter(deps, key))
    done = await rotate_key(deps, LOCAL_ACCESS, key.key.id, timedelta(minutes=1))
    assert (await rights_of(deps, hook)).key_id == key.key.id
    later = deps.clock() + timedelta(minutes=2)
    assert (await rights_of(replace(deps, clock=lambda: later), hook)).key_id == done.new.key.id


async def test_without_the_scope_to_read_events_it_may_tell_nothing(deps: Deps) -> None:
    hook = replace(await make_hook(deps, LOCAL_ACCESS), scopes=frozenset({Scope.PROMPTS_READ}))
    with pytest.raises(ForbiddenError):
        await rights_of(deps, hook)


async def test_resumed_by_another_key_of_its_owner_it_tells_what_that_may_read(deps: Deps) -> None:
    first = await make_key(deps)
    access = await enter(deps, first)
    hook = await make_hook(deps, access)
    await update_webhook(deps, access, hook.id, WebhookPatch(state=WebhookState.PAUSED))
    other = replace(access, key_id=None, grants=(Grant("other"),))
    await update_webhook(deps, other, hook.id, WebhookPatch(state=WebhookState.ACTIVE))
    stored = await deps.store.webhooks.find(hook.id)
    assert stored is not None
    assert (await rights_of(deps, stored)).grants == (Grant("other"),)

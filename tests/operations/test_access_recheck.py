"""Streams that outlive their request ask again what their caller may do."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from graph.domain.actors import ANONYMOUS, Access, Grant, Scope
from graph.domain.denials import UnauthenticatedError
from graph.operations.access import LOCAL_ACCESS, authenticate, recheck
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.deps import Deps
from graph.store.store import Store, open_store
from tests.clock import awake_seconds

READ = (Scope.PROMPTS_READ, Scope.EVENTS_READ)


async def keep_asking(deps: Deps, access: Access) -> None:
    """As a stream does, for a second."""
    started = awake_seconds()
    while awake_seconds() - started < 1:
        await recheck(deps, access)
        await asyncio.sleep(0.02)


async def test_a_caller_without_a_key_stays_as_it_is(deps: Deps) -> None:
    for access in (ANONYMOUS, LOCAL_ACCESS):
        assert await recheck(deps, access) is access


async def test_a_live_key_answers_with_what_it_may_do_now(deps: Deps) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", READ)
    access = await authenticate(deps, made.secret, None, ANONYMOUS)
    assert await recheck(deps, access) == access
    wider = replace(access, scopes=frozenset(Scope), grants=(Grant("elsewhere", can_write=True),))
    assert await recheck(deps, wider) == access


async def test_an_expired_key_is_refused(deps: Deps) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", READ, expires_at=deps.clock() + timedelta(hours=1))
    access = await authenticate(deps, made.secret, None, ANONYMOUS)
    later = deps.clock() + timedelta(hours=1)
    with pytest.raises(UnauthenticatedError):
        await recheck(replace(deps, clock=lambda: later), access)


async def test_a_key_revoked_by_another_process_is_felt_within_a_second(
    deps: Deps, mongodb_url: str, database_name: str
) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", READ)
    access = await authenticate(deps, made.secret, None, ANONYMOUS)
    await recheck(deps, access)
    async with open_store(mongodb_url, database_name) as other:
        await revoke_key(replace(deps, store=other), LOCAL_ACCESS, made.key.id)
    with pytest.raises(UnauthenticatedError):
        await keep_asking(deps, access)


async def test_acting_for_another_lasts_as_long_as_the_key_may(deps: Deps, store: Store) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "studio", [*READ, Scope.ACTORS_IMPERSONATE])
    access = await authenticate(deps, made.secret, "grace", ANONYMOUS)
    assert await recheck(deps, access) == access
    keys = store.database.collection("api_keys")
    await keys.update_one({"_id": made.key.id}, {"$set": {"scopes": list(READ)}})
    with pytest.raises(UnauthenticatedError):
        await keep_asking(deps, access)

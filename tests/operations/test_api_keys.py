"""API keys, made and ended by those who may, on a real store."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.domain.actors import ANONYMOUS, EVERYWHERE, Access, ActorKind, ApiKey, Grant, Scope
from graph.domain.audit import AuditKind
from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError, NotFoundError
from graph.operations.access import LOCAL_ACCESS, authenticate
from graph.operations.api_keys import count_keys, create_key, get_key, list_keys, revoke_key, rotate_key
from graph.operations.audit import new_record
from graph.operations.deps import Deps
from graph.store.store import Store
from tests.fixtures import Records, caller

SCOPES = (Scope.PROMPTS_READ, Scope.PROMPTS_WRITE)
MANAGE = {Scope.KEYS_MANAGE, *SCOPES}


async def test_the_secret_is_kept_nowhere(deps: Deps, records: Records) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    assert made.secret.startswith("pg_")
    assert made.secret not in repr(await records.all("api_keys"))
    assert made.secret not in repr(await list_keys(deps, LOCAL_ACCESS))


async def test_a_key_makes_no_key_that_may_more_than_itself(deps: Deps, records: Records) -> None:
    folder = (Grant("support"), Grant("support/drafts", can_write=True))
    keeper = caller("keeper", {Scope.KEYS_MANAGE, Scope.PROMPTS_READ}, folder)
    with pytest.raises(ForbiddenError):
        await create_key(deps, keeper, "more", [Scope.PROMPTS_WRITE], folder)
    for wider in (EVERYWHERE, (Grant(""),), (Grant("sales"),), (Grant("supp"),), (Grant("support", can_write=True),)):
        with pytest.raises(InvalidInputError):
            await create_key(deps, keeper, "more", [Scope.PROMPTS_READ], wider)
    assert await records.count("api_keys") == 0
    narrower = (Grant("support/a"), Grant("support/drafts/b", can_write=True))
    assert (await create_key(deps, keeper, "less", [Scope.PROMPTS_READ], narrower)).key.grants == narrower


async def test_keys_are_managed_by_those_who_may(deps: Deps) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    other = caller("other", set(Scope) - {Scope.KEYS_MANAGE})
    for attempt in (
        create_key(deps, other, "x", ()),
        list_keys(deps, other),
        revoke_key(deps, other, made.key.id),
    ):
        with pytest.raises(ForbiddenError):
            await attempt
    with pytest.raises(NotFoundError):
        await revoke_key(deps, LOCAL_ACCESS, "nobody")
    once = await revoke_key(deps, LOCAL_ACCESS, made.key.id)
    assert once.revoked_at is not None
    assert await revoke_key(deps, LOCAL_ACCESS, made.key.id) == once
    assert await list_keys(deps, LOCAL_ACCESS) == (once,)


async def test_a_key_ends_no_later_than_the_one_that_made_it(deps: Deps) -> None:
    ends = deps.clock() + timedelta(hours=1)
    keeper = replace(caller("keeper", MANAGE), expires_at=ends)
    assert (await create_key(deps, keeper, "a", SCOPES)).key.expires_at == ends
    sooner = ends - timedelta(minutes=1)
    assert (await create_key(deps, keeper, "b", SCOPES, expires_at=sooner)).key.expires_at == sooner
    for wrong in (ends + timedelta(milliseconds=1), deps.clock()):
        with pytest.raises(InvalidInputError) as refused:
            await create_key(deps, keeper, "c", SCOPES, expires_at=wrong)
        assert refused.value.path == ("expiresAt",)


async def test_a_key_that_was_used_knows_its_own_end(deps: Deps) -> None:
    ends = deps.clock() + timedelta(hours=1)
    made = await create_key(deps, LOCAL_ACCESS, "keeper", MANAGE, expires_at=ends)
    assert (await authenticate(deps, made.secret, None, ANONYMOUS)).expires_at == ends


async def test_an_account_that_is_there_is_not_taken_over_by_a_new_key(deps: Deps) -> None:
    await create_key(deps, LOCAL_ACCESS, "billing", SCOPES)
    made = await create_key(deps, LOCAL_ACCESS, "keeper", MANAGE)
    keeper = await authenticate(deps, made.secret, None, ANONYMOUS)
    for name, actor in (("billing", None), ("mine", "billing")):
        with pytest.raises(InvalidInputError) as refused:
            await create_key(deps, keeper, name, SCOPES, actor_handle=actor)
        assert refused.value.path == ("actor",)
    assert (await create_key(deps, keeper, "second", SCOPES, actor_handle="keeper")).key.actor_id == keeper.actor_id
    assert (await create_key(deps, LOCAL_ACCESS, "second", SCOPES, actor_handle="billing")).key.created_by == "local"


async def test_a_key_has_so_many_grants_at_most(deps: Deps) -> None:
    most = deps.limits.grants
    many = tuple(Grant(f"folder-{number}") for number in range(most + 1))
    with pytest.raises(InvalidInputError):
        await create_key(deps, LOCAL_ACCESS, "many", SCOPES, many)
    assert len((await create_key(deps, LOCAL_ACCESS, "many", SCOPES, many[:most])).key.grants) == most


async def test_a_rotated_key_keeps_all_but_its_secret(deps: Deps) -> None:
    grants, ends = (Grant("support"),), deps.clock() + timedelta(days=1)
    first = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES, grants, expires_at=ends)
    done = await rotate_key(deps, LOCAL_ACCESS, first.key.id)
    before = await authenticate(deps, done.new.secret, None, ANONYMOUS)
    assert before.actor is not None
    assert (before.actor.kind, before.actor.handle) == (ActorKind.SERVICE, "ci")
    assert (before.scopes, before.grants, before.expires_at) == (frozenset(SCOPES), grants, ends)
    assert before.key_id == done.new.key.id != first.key.id
    assert done.old.replaced_by == done.new.key.id
    with pytest.raises(UnauthenticatedError):
        await authenticate(deps, first.secret, None, ANONYMOUS)


async def test_an_old_key_works_on_for_the_overlap_and_no_longer(deps: Deps) -> None:
    first = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    now = deps.clock()
    frozen = replace(deps, clock=lambda: now)
    done = await rotate_key(frozen, LOCAL_ACCESS, first.key.id, timedelta(hours=1))
    assert (done.old.expires_at, done.old.revoked_at) == (now + timedelta(hours=1), None)
    assert await authenticate(frozen, first.secret, None, ANONYMOUS)
    later = replace(deps, clock=lambda: now + timedelta(hours=1))
    with pytest.raises(UnauthenticatedError):
        await authenticate(later, first.secret, None, ANONYMOUS)
    assert await authenticate(later, done.new.secret, None, ANONYMOUS)


async def test_an_overlap_prolongs_no_key(deps: Deps) -> None:
    ends = deps.clock() + timedelta(minutes=1)
    first = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES, expires_at=ends)
    assert (await rotate_key(deps, LOCAL_ACCESS, first.key.id, timedelta(hours=1))).old.expires_at == ends
    for wrong in (timedelta(seconds=-1), timedelta(seconds=deps.limits.key_overlap_seconds + 1)):
        with pytest.raises(InvalidInputError):
            await rotate_key(deps, LOCAL_ACCESS, first.key.id, wrong)


async def test_of_many_who_rotate_a_key_at_once_one_succeeds(deps: Deps, records: Records) -> None:
    first = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    tries = (rotate_key(deps, LOCAL_ACCESS, first.key.id, timedelta(hours=1)) for _ in range(8))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, InvalidInputError) for result in results) == 7
    assert await records.count("api_keys") == 2


async def test_a_key_that_has_ended_is_not_rotated(deps: Deps) -> None:
    revoked = await create_key(deps, LOCAL_ACCESS, "revoked", SCOPES)
    await revoke_key(deps, LOCAL_ACCESS, revoked.key.id)
    expired = await create_key(deps, LOCAL_ACCESS, "expired", SCOPES, expires_at=deps.clock() + timedelta(hours=1))
    later = deps.clock() + timedelta(hours=1)
    for made in (revoked, expired):
        with pytest.raises(InvalidInputError):
            await rotate_key(replace(deps, clock=lambda: later), LOCAL_ACCESS, made.key.id)


async def test_rotating_a_key_of_somebody_else_is_acting_for_them(deps: Deps) -> None:
    billing = await create_key(deps, LOCAL_ACCESS, "billing", SCOPES)
    keeper = await authenticate(deps, (await create_key(deps, LOCAL_ACCESS, "keeper", MANAGE)).secret, None, ANONYMOUS)
    with pytest.raises(ForbiddenError) as refused:
        await rotate_key(deps, keeper, billing.key.id)
    assert refused.value.scope == Scope.ACTORS_IMPERSONATE
    mine = await create_key(deps, keeper, "made by the keeper", SCOPES)
    assert await rotate_key(deps, keeper, mine.key.id)
    assert keeper.key_id is not None
    assert await rotate_key(deps, keeper, keeper.key_id)


async def test_a_use_is_told_after_the_next_flush_and_never_goes_back(deps: Deps, store: Store) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    now = deps.clock()
    await authenticate(replace(deps, clock=lambda: now), made.secret, None, ANONYMOUS)
    assert await get_key(deps, LOCAL_ACCESS, made.key.id) == made.key
    await store.key_uses.flush()
    assert await get_key(deps, LOCAL_ACCESS, made.key.id) == replace(made.key, last_used_at=now)
    store.key_uses.record(made.key.id, now - timedelta(hours=1))
    await store.key_uses.flush()
    assert await get_key(deps, LOCAL_ACCESS, made.key.id) == replace(made.key, last_used_at=now)


FOLDERS = st.sampled_from(["", "a", "a/b", "ab", "b"])
GRANTS = st.lists(st.builds(Grant, FOLDERS, st.booleans()), max_size=3).map(tuple)
SOME_SCOPES = st.frozensets(st.sampled_from([Scope.PROMPTS_READ, Scope.PROMPTS_WRITE, Scope.KEYS_MANAGE]))
HOURS = st.sampled_from([None, 1, 2])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_who_could_not_have_made_a_key_does_not_see_it(deps: Deps, data: st.DataObject) -> None:
    await deps.store.database.collection("api_keys").delete_many({})
    now = deps.clock()
    kept = [
        ApiKey(
            deps.ids(), "key", deps.ids(), "local", scopes, grants, now, now + timedelta(hours=hours) if hours else None
        )
        for scopes, grants, hours in data.draw(st.lists(st.tuples(SOME_SCOPES, GRANTS, HOURS), max_size=6))
    ]
    for key in kept:
        await deps.store.api_keys.insert(key, new_record(deps, caller(), AuditKind.API_KEY_CREATED, {}))
    scopes, grants, hours = data.draw(st.tuples(SOME_SCOPES, GRANTS, HOURS))
    ends = now + timedelta(hours=hours) if hours else None
    keeper = replace(caller("keeper", scopes | {Scope.KEYS_MANAGE}, grants), expires_at=ends)
    await sees(deps, keeper, [key for key in kept if keeper.could_make(key)], kept)


async def sees(deps: Deps, keeper: Access, seen: Sequence[ApiKey], kept: Sequence[ApiKey]) -> None:
    """The keeper is told of these keys and no other, by every road."""
    ids = {key.id for key in seen}
    assert {key.id for key in await list_keys(deps, keeper)} == ids
    assert await count_keys(deps, keeper) == len(ids)
    for key in kept:
        assert (await get_key(deps, keeper, key.id) is not None) == (key.id in ids)
        if key.id not in ids:
            for deed in (revoke_key, rotate_key):
                with pytest.raises(NotFoundError):
                    await deed(deps, keeper, key.id)


async def test_who_would_make_a_key_that_reaches_further_is_written_down(deps: Deps) -> None:
    await create_key(deps, caller(), "taken", [])
    manager = caller("manager", {Scope.KEYS_MANAGE}, (Grant("support", can_write=True),))
    for grant, name in ((Grant("billing"), "far"), (Grant(""), "everywhere"), (Grant("support"), "taken")):
        with pytest.raises(InvalidInputError):
            await create_key(deps, manager, name, [], (grant,))
    await deps.store.refusals.flush()
    (record,) = await deps.store.database.collection("events").find({"kind": "refused"}).to_list()
    assert (record["change"]["operation"], record["change"]["count"]) == ("apiKeyCreate", 3)
    assert record["actor"] == manager.actor_id

"""By which key somebody calls, and acting for others, on a real store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from graph.domain.actors import ANONYMOUS, ActorKind, Grant, Scope
from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError
from graph.operations.access import LOCAL_ACCESS, authenticate, get_actors
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from tests.fixtures import Records, draft

SCOPES = (Scope.PROMPTS_READ, Scope.PROMPTS_WRITE)


async def test_a_key_opens_what_it_was_made_for(deps: Deps) -> None:
    grants = (Grant("support"), Grant("sales", can_write=True))
    made = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES, grants)
    access = await authenticate(deps, made.secret, None, ANONYMOUS)
    assert access.actor is not None
    assert (access.actor.kind, access.actor.handle) == (ActorKind.SERVICE, "ci")
    assert (access.scopes, access.grants, access.key_id) == (frozenset(SCOPES), grants, made.key.id)


async def test_a_change_is_signed_with_the_actor_and_the_key(deps: Deps, records: Records) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    access = await authenticate(deps, made.secret, None, ANONYMOUS)
    prompt = await create_prompt(deps, access, draft())
    (event,) = await records.events(prompt.id)
    assert (event["actor"], event["key"]) == (access.actor_id, made.key.id)


async def test_unknown_revoked_and_expired_keys_are_refused_alike(deps: Deps) -> None:
    revoked = await create_key(deps, LOCAL_ACCESS, "revoked", SCOPES)
    expired = await create_key(deps, LOCAL_ACCESS, "expired", SCOPES, expires_at=deps.clock() + timedelta(hours=1))
    await authenticate(deps, expired.secret, None, ANONYMOUS)
    await authenticate(deps, revoked.secret, None, ANONYMOUS)
    await revoke_key(deps, LOCAL_ACCESS, revoked.key.id)
    now = deps.clock()
    later = replace(deps, clock=lambda: now + timedelta(hours=2))
    told = set()
    for secret in ("", "pg_unknown", "Bearer x", "pg_\ud83d", revoked.secret, expired.secret):
        with pytest.raises(UnauthenticatedError) as refused:
            await authenticate(later, secret, None, LOCAL_ACCESS)
        told.add(refused.value.message)
    assert len(told) == 1


async def test_without_a_key_the_server_decides(deps: Deps) -> None:
    assert await authenticate(deps, None, None, ANONYMOUS) == ANONYMOUS
    assert await authenticate(deps, None, None, LOCAL_ACCESS) == LOCAL_ACCESS


async def test_acting_for_another_needs_its_scope_and_does_not_pass_it_on(deps: Deps) -> None:
    front_end = await create_key(deps, LOCAL_ACCESS, "studio", [*SCOPES, Scope.ACTORS_IMPERSONATE])
    plain = await create_key(deps, LOCAL_ACCESS, "ci", SCOPES)
    first = await authenticate(deps, front_end.secret, "grace", ANONYMOUS)
    again = await authenticate(deps, front_end.secret, "grace", ANONYMOUS)
    assert first == again
    assert first.actor is not None
    assert (first.actor.kind, first.actor.handle) == (ActorKind.USER, "grace")
    assert first.scopes == frozenset(SCOPES)
    assert await get_actors(deps, [first.actor.id, "nobody"]) == {first.actor.id: first.actor}
    with pytest.raises(ForbiddenError):
        await authenticate(deps, plain.secret, "grace", ANONYMOUS)
    with pytest.raises(UnauthenticatedError):
        await authenticate(deps, None, "grace", ANONYMOUS)
    for handle in ("", "a\nb", "x" * 129):
        with pytest.raises(InvalidInputError):
            await authenticate(deps, front_end.secret, handle, ANONYMOUS)

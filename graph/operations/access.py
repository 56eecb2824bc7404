"""Who is calling: API keys, the actors behind them, and acting for somebody else."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from graph.domain.actors import EVERYWHERE, Access, Actor, ActorKind, ApiKey, Grant, Scope
from graph.domain.errors import ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from graph.domain.names import clean_folder, clean_line
from graph.operations.deps import Deps
from graph.operations.rights import require

KEY_PREFIX = "pg_"
KEY_BYTES = 32

LOCAL = Actor(id="local", kind=ActorKind.USER, handle="local", display_name="Local administrator")
LOCAL_ACCESS = Access(actor=LOCAL, scopes=frozenset(Scope), grants=EVERYWHERE, reads_public=True)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. `secret` is shown this once and kept nowhere."""

    key: ApiKey
    secret: str


async def authenticate(deps: Deps, secret: str | None, acting_as: str | None, without_key: Access) -> Access:
    """What the caller may do: by its key, else `without_key`, acting for another one where it asks to.

    Raises UnauthenticatedError for a key that is unknown, revoked or expired, and ForbiddenError when it may not
    act for others.
    """
    access = without_key if secret is None else await _access_of_key(deps, secret)
    if acting_as is None:
        return access
    require(access, Scope.ACTORS_IMPERSONATE)
    actor = await get_actor_by_handle(deps, ActorKind.USER, acting_as)
    return Access(actor, access.scopes - {Scope.ACTORS_IMPERSONATE}, access.grants, access.reads_public, access.key_id)


async def _access_of_key(deps: Deps, secret: str) -> Access:
    found = await deps.store.api_keys.find_by_digest(_digest(secret)) if secret.startswith(KEY_PREFIX) else None
    if found is None or not found[0].is_live(deps.clock()):
        raise _no_longer()
    key, actor = found
    return Access(actor, key.scopes, key.grants, reads_public=deps.anonymous_reads_public, key_id=key.id)


async def recheck(deps: Deps, access: Access) -> Access:
    """The same caller with what its key may do now, for streams that outlive the request that opened them.

    It is as of 0.2 seconds ago at most, and cheap: thousands may ask as often as they like, for a process asks the
    database once in that time, for all keys. So that a revoked key is felt within a second, ask at least every half
    second, and before something is told. A caller without a key comes back as it is.

    Raises UnauthenticatedError when the key is revoked or expired by now, or may no longer act for others where the
    caller does; StoreUnavailableError when that cannot be known: tell nothing until it can.
    """
    if access.key_id is None:
        return access
    key = await deps.store.key_watch.find(access.key_id)
    if key is None or not key.is_live(deps.clock()):
        raise _no_longer()
    if access.actor_id == key.actor_id:
        return replace(access, scopes=key.scopes, grants=key.grants)
    if Scope.ACTORS_IMPERSONATE not in key.scopes:
        raise _no_longer()
    return replace(access, scopes=key.scopes - {Scope.ACTORS_IMPERSONATE}, grants=key.grants)


def _no_longer() -> UnauthenticatedError:
    return UnauthenticatedError("This API key is unknown, revoked or expired. Ask for a new one.")


async def get_actor_by_handle(deps: Deps, kind: ActorKind, handle: str) -> Actor:
    """The actor of this handle, made when it is new."""
    handle = clean_line(handle, deps.limits.handle, "An actor's handle", ("actor",))
    return await deps.store.actors.get_or_create(kind, handle, deps.ids())


async def get_actors(deps: Deps, ids: Sequence[str]) -> dict[str, Actor]:
    """Those of the actors that exist, in one round trip."""
    return await deps.store.actors.find_many(ids)


async def create_key(
    deps: Deps,
    access: Access,
    name: str,
    scopes: Iterable[Scope],
    grants: Sequence[Grant] = EVERYWHERE,
    actor_handle: str | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Makes a key for a service account of the given handle, or of the key's own name.

    It may do no more than the caller: ForbiddenError names the scope that is missing.
    """
    require(access, Scope.KEYS_MANAGE)
    name = clean_line(name, deps.limits.handle, "A key's name", ("name",))
    wanted = frozenset(scopes)
    for scope in sorted(wanted - access.scopes):
        raise ForbiddenError(scope.value)
    grants = tuple(Grant(clean_folder(g.folder, deps.limits) if g.folder else "", g.can_write) for g in grants)
    for grant in grants:
        _refuse_wider(access, grant)
    actor = await get_actor_by_handle(deps, ActorKind.SERVICE, actor_handle or name)
    secret = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    key = ApiKey(deps.ids(), name, _digest(secret), actor.id, wanted, grants, deps.clock(), expires_at)
    await deps.store.api_keys.insert(key)
    return NewKey(key, secret)


async def list_keys(deps: Deps, access: Access) -> tuple[ApiKey, ...]:
    """All keys, newest first, without their secrets, which nobody has."""
    require(access, Scope.KEYS_MANAGE)
    return await deps.store.api_keys.list_all()


async def revoke_key(deps: Deps, access: Access, key_id: str) -> ApiKey:
    """Ends a key at once; of a revoked one, nothing is written. Raises NotFoundError."""
    require(access, Scope.KEYS_MANAGE)
    key = await deps.store.api_keys.revoke(key_id, deps.clock())
    if key is None:
        raise NotFoundError("There is no key with this id.", ("id",))
    return key


def _refuse_wider(access: Access, grant: Grant) -> None:
    held = [mine for mine in access.grants if mine.folder in ("", grant.folder) or mine.covers(grant.folder)]
    if not any(mine.can_write or not grant.can_write for mine in held):
        raise InvalidInputError(
            f"Your own key does not reach {'every folder' if not grant.folder else grant.folder!r}.", ("grants",)
        )


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""Who is calling: by which key, as which actor, and acting for whom. Keys themselves are in `api_keys.py`."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from graph.domain.actors import EVERYWHERE, Access, Actor, ActorKind, Scope
from graph.domain.denials import AccessError, UnauthenticatedError
from graph.domain.names import clean_line
from graph.operations.deps import Deps
from graph.operations.rights import require

KEY_PREFIX = "pg_"

LOCAL = Actor(id="local", kind=ActorKind.USER, handle="local", display_name="Local administrator")
LOCAL_ACCESS = Access(actor=LOCAL, scopes=frozenset(Scope), grants=EVERYWHERE, reads_public=True)


async def authenticate(deps: Deps, secret: str | None, acting_as: str | None, without_key: Access) -> Access:
    """What the caller may do: by its key, else `without_key`, acting for another one where it asks to.

    Raises UnauthenticatedError for a key that is unknown, revoked or expired, and ForbiddenError when it may not
    act for others.
    """
    access = without_key if secret is None else await _access_of_key(deps, secret)
    if acting_as is None:
        return access
    try:
        require(access, Scope.ACTORS_IMPERSONATE)
    except AccessError as error:
        error.by = access
        raise
    actor = await get_actor_by_handle(deps, ActorKind.USER, acting_as)
    return replace(access, actor=actor, scopes=access.scopes - {Scope.ACTORS_IMPERSONATE})


async def _access_of_key(deps: Deps, secret: str) -> Access:
    found = await deps.store.api_keys.find_by_digest(digest(secret)) if secret.startswith(KEY_PREFIX) else None
    if found is None:
        raise _no_longer()
    key, actor = found
    if not key.is_live(deps.clock()):
        raise _no_longer(by=Access(actor, key_id=key.id))
    deps.store.key_uses.record(key.id, deps.clock())
    return Access(actor, key.scopes, key.grants, deps.anonymous_reads_public, key_id=key.id, expires_at=key.expires_at)


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
    scopes = key.scopes
    if access.actor_id != key.actor_id:
        if Scope.ACTORS_IMPERSONATE not in scopes:
            raise _no_longer()
        scopes = scopes - {Scope.ACTORS_IMPERSONATE}
    deps.store.key_uses.record(key.id, deps.clock())
    return replace(access, scopes=scopes, grants=key.grants, expires_at=key.expires_at)


def _no_longer(by: Access | None = None) -> UnauthenticatedError:
    """The same to the caller, whatever is the matter with the key; the record knows better."""
    error = UnauthenticatedError("This API key is unknown, revoked or expired. Ask for a new one.")
    error.by = by
    return error


async def get_actor_by_handle(deps: Deps, kind: ActorKind, handle: str) -> Actor:
    """The actor of this handle, made when it is new."""
    handle = clean_line(handle, deps.limits.handle, "An actor's handle", ("actor",))
    return await deps.store.actors.get_or_create(kind, handle, deps.ids())


async def get_actors(deps: Deps, ids: Sequence[str]) -> dict[str, Actor]:
    """Those of the actors that exist, in one round trip."""
    return await deps.store.actors.find_many(ids)


def digest(secret: str) -> str:
    """What is kept of a key. A plain hash will do: 32 random bytes cannot be guessed, so none need be slowed down."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""API keys: made, listed, rotated and revoked, by callers who may do at least as much as the key.

Who may not have made a key does not see it, and for them it does not exist.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.domain.actors import EVERYWHERE, Access, Actor, ActorKind, ApiKey, Grant, Scope
from graph.domain.audit import AuditKind
from graph.domain.denials import ForbiddenError
from graph.domain.errors import InvalidInputError, NotFoundError
from graph.domain.json_values import JSONObject
from graph.domain.names import clean_folder, clean_line
from graph.domain.paging import Page, PageRequest
from graph.operations.access import KEY_PREFIX, digest
from graph.operations.audit import new_record, note_refusal
from graph.operations.deps import Deps
from graph.operations.rights import require

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. `secret` is shown this once and kept nowhere."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """A key that took another's place, and the other one as it stands now."""

    new: NewKey
    old: ApiKey


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

    It may do no more than the caller, and ends no later: ForbiddenError names the scope that is missing,
    InvalidInputError the rest. Acting as an account that is there already is acting for another, and needs
    `actors:impersonate`, save for the caller's own.
    """
    require(access, Scope.KEYS_MANAGE)
    name = clean_line(name, deps.limits.handle, "A key's name", ("name",))
    wanted = frozenset(scopes)
    for scope in sorted(wanted - access.scopes):
        raise ForbiddenError(scope.value)
    held = _clean_grants(deps, access, grants)
    ends = _clean_end(deps, access, expires_at)
    actor = await _account(deps, access, actor_handle or name)
    made = _new_key(deps, access, ApiKey("", name, "", actor.id, wanted, held, deps.clock(), ends))
    await deps.store.api_keys.insert(made.key, new_record(deps, access, AuditKind.API_KEY_CREATED, _told(made.key)))
    return made


async def list_keys(deps: Deps, access: Access) -> tuple[ApiKey, ...]:
    """All keys that the caller could have made, newest first, without their secrets, which nobody has."""
    require(access, Scope.KEYS_MANAGE)
    return await deps.store.api_keys.list_all(access)


async def page_keys(deps: Deps, access: Access, page: PageRequest) -> Page[ApiKey]:
    """One page of the same."""
    require(access, Scope.KEYS_MANAGE)
    return await deps.store.api_keys.page(access, page)


async def count_keys(deps: Deps, access: Access) -> int:
    """How many there are of these."""
    require(access, Scope.KEYS_MANAGE)
    return await deps.store.api_keys.count(access)


async def get_key(deps: Deps, access: Access, key_id: str) -> ApiKey | None:
    """One key; None when there is none, or none that the caller could have made."""
    return await deps.store.api_keys.find(access, key_id) if access.has(Scope.KEYS_MANAGE) else None


async def revoke_key(deps: Deps, access: Access, key_id: str) -> ApiKey:
    """Ends a key at once; of a revoked one, nothing is written. Raises NotFoundError."""
    key = await _require_key(deps, access, key_id)
    if key.revoked_at is not None:
        return key
    record = new_record(deps, access, AuditKind.API_KEY_REVOKED, _told(key))
    revoked = await deps.store.api_keys.revoke(key_id, deps.clock(), record)
    return revoked or key


async def rotate_key(deps: Deps, access: Access, key_id: str, overlap: timedelta = timedelta(0)) -> Rotation:
    """Makes a key that may do the same as the same actor until the same hour, in the place of an older one.

    The older one ends at once, or works on for `overlap`, so that programs can be given the new one in peace. Raises
    NotFoundError, InvalidInputError for a key that has ended or was rotated, and ForbiddenError for one that acts as
    somebody else and that somebody else has made: to hold it is to act for another.
    """
    old = await _require_key(deps, access, key_id)
    most = deps.limits.key_overlap_seconds
    if not timedelta(0) <= overlap <= timedelta(seconds=most):
        raise InvalidInputError(f"The overlap is from 0 to {most} seconds.", ("overlapSeconds",))
    if access.actor_id not in (old.actor_id, old.created_by):
        require(access, Scope.ACTORS_IMPERSONATE)
    now = deps.clock()
    made = _new_key(deps, access, old)
    record = new_record(deps, access, AuditKind.API_KEY_ROTATED, {**_told(made.key), "from": old.id})
    ending = _ending(old, now, overlap)
    replaced = await deps.store.api_keys.replace(made.key, ending, record) if old.is_live(now) else None
    if replaced is None:
        raise InvalidInputError("This key has ended or was rotated already. Rotate one that lives.", ("apiKeyId",))
    return Rotation(made, replaced)


def _told(key: ApiKey) -> JSONObject:
    """What is written down of a key."""
    return {
        "key": key.id,
        "name": key.name,
        "actor": key.actor_id,
        "scopes": sorted(key.scopes),
        "grants": [f"{grant.folder or '/'}:{'write' if grant.can_write else 'read'}" for grant in key.grants],
    }


async def _require_key(deps: Deps, access: Access, key_id: str) -> ApiKey:
    require(access, Scope.KEYS_MANAGE)
    key = await deps.store.api_keys.find(access, key_id)
    if key is None:
        raise NotFoundError("There is no key with this id.", ("apiKeyId",))
    return key


def _new_key(deps: Deps, access: Access, like: ApiKey) -> NewKey:
    secret = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    key = replace(
        like,
        id=deps.ids(),
        sha256=digest(secret),
        created_at=deps.clock(),
        created_by=access.actor_id,
        last_used_at=None,
        replaced_by=None,
    )
    return NewKey(key, secret)


def _ending(key: ApiKey, now: datetime, overlap: timedelta) -> ApiKey:
    """The key as it ends: at once, or after the overlap where it would not have ended before."""
    if not overlap:
        return replace(key, revoked_at=now)
    return replace(key, expires_at=min(key.expires_at or now + overlap, now + overlap))


async def _account(deps: Deps, access: Access, handle: str) -> Actor:
    handle = clean_line(handle, deps.limits.handle, "An actor's handle", ("actor",))
    new_id = deps.ids()
    actor = await deps.store.actors.get_or_create(ActorKind.SERVICE, handle, new_id)
    if actor.id not in (new_id, access.actor_id) and not access.has(Scope.ACTORS_IMPERSONATE):
        _note_overreach(deps, access)
        raise InvalidInputError(
            f"There is a service account {handle!r} already: another key for it needs the scope "
            f"{Scope.ACTORS_IMPERSONATE.value}. Give a handle of its own as `actor`.",
            ("actor",),
        )
    return actor


def _clean_grants(deps: Deps, access: Access, grants: Sequence[Grant]) -> tuple[Grant, ...]:
    if len(grants) > deps.limits.grants:
        raise InvalidInputError(f"A key has at most {deps.limits.grants} grants; these are {len(grants)}.", ("grants",))
    cleaned = tuple(Grant(_clean_folder(deps, grant.folder), grant.can_write) for grant in grants)
    for grant in cleaned:
        if not access.reaches(grant):
            _note_overreach(deps, access)
            where = repr(grant.folder) if grant.folder else "every folder"
            raise InvalidInputError(f"Your own key does not reach {where}.", ("grants",))
    return cleaned


def _note_overreach(deps: Deps, access: Access) -> None:
    """A key that would reach further than its maker is refused as invalid input, and still an attempt to remember."""
    note_refusal(deps, access, "apiKeyCreate", ForbiddenError.code)


def _clean_folder(deps: Deps, folder: str) -> str:
    return clean_folder(folder, deps.limits, ("grants",)) if folder else ""


def _clean_end(deps: Deps, access: Access, expires_at: datetime | None) -> datetime | None:
    if expires_at is None:
        return access.expires_at
    expires_at = expires_at.replace(microsecond=expires_at.microsecond // 1000 * 1000)  # as MongoDB keeps it
    if expires_at <= deps.clock():
        raise InvalidInputError("A key ends in the future.", ("expiresAt",))
    if access.expires_at is not None and expires_at > access.expires_at:
        raise InvalidInputError(
            f"Your own key ends at {access.expires_at.isoformat()}; a key that it makes ends no later.", ("expiresAt",)
        )
    return expires_at

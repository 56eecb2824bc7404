"""Who acts, and what they may do."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graph.domain.prompts import Visibility


class Scope(StrEnum):
    """A right that a key can hold. The value is how it is written everywhere."""

    PROMPTS_READ = "prompts:read"
    PROMPTS_WRITE = "prompts:write"
    LABELS_WRITE = "labels:write"
    LABELS_PROTECTED = "labels:protected"
    RATINGS_WRITE = "ratings:write"
    RENDER = "render"
    EVENTS_READ = "events:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    KEYS_MANAGE = "keys:manage"
    AUDIT_READ = "audit:read"
    ACTORS_IMPERSONATE = "actors:impersonate"


class ActorKind(StrEnum):
    """A person or a program."""

    USER = "user"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a service that acts through the API. `handle` is unique within its kind and never changes."""

    id: str
    kind: ActorKind
    handle: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A folder and all below it, to read or also to write. The empty folder is everything."""

    folder: str
    can_write: bool = False

    def covers(self, name: str) -> bool:
        """True when the prompt's name lies in the folder."""
        return not self.folder or name.startswith(self.folder + "/")

    def includes(self, other: "Grant") -> bool:
        """True when whoever holds this one may do all that the other one allows."""
        reaches = self.folder == other.folder or self.covers(other.folder)
        return reaches and (self.can_write or not other.can_write)


EVERYWHERE = (Grant("", can_write=True),)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: `id` is public, the SHA-256 stands for the key, which is shown once and never kept.

    `created_by` is the actor who made it; `replaced_by` is the key that it was rotated into.
    """

    id: str
    name: str
    sha256: str
    actor_id: str
    scopes: frozenset[Scope]
    grants: tuple[Grant, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    created_by: str | None = None
    last_used_at: datetime | None = None
    replaced_by: str | None = None

    def is_live(self, now: datetime) -> bool:
        """False when it is revoked or expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call comes from: the client's address and the request's id. The console has neither."""

    address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do.

    `actor` is None for an anonymous caller; `reads_public` is the server's setting; `expires_at` is when its key ends.
    `origin` is for the record, and makes no caller another one.
    """

    actor: Actor | None
    scopes: frozenset[Scope] = frozenset()
    grants: tuple[Grant, ...] = ()
    reads_public: bool = False
    key_id: str | None = None
    expires_at: datetime | None = None
    origin: Origin = field(default=Origin(), compare=False)

    def at(self, origin: Origin) -> "Access":
        """The same caller, calling from there."""
        return Access(
            self.actor, self.scopes, self.grants, self.reads_public, self.key_id, self.expires_at, origin=origin
        )

    @property
    def actor_id(self) -> str | None:
        """The acting actor's id; None for an anonymous caller."""
        return self.actor.id if self.actor else None

    def has(self, scope: Scope) -> bool:
        """True when the caller holds the scope."""
        return scope in self.scopes

    def may_read(self, name: str, visibility: Visibility) -> bool:
        """The rule of sight. The store asks the same of MongoDB (`store/visibility.py`)."""
        if self.reads_public and visibility is Visibility.PUBLIC:
            return True
        return self.has(Scope.PROMPTS_READ) and any(grant.covers(name) for grant in self.grants)

    def may_write(self, name: str) -> bool:
        """True when a grant to write covers the name; the scope is looked at apart."""
        return any(grant.can_write and grant.covers(name) for grant in self.grants)

    def could_make(self, key: ApiKey) -> bool:
        """True when the key may do no more than the caller: no scope, no folder and no hour that the caller lacks."""
        in_time = self.expires_at is None or (key.expires_at is not None and key.expires_at <= self.expires_at)
        return key.scopes <= self.scopes and in_time and all(self.reaches(grant) for grant in key.grants)

    def reaches(self, grant: Grant) -> bool:
        """True when one of the caller's grants includes this one."""
        return any(mine.includes(grant) for mine in self.grants)


ANONYMOUS = Access(actor=None)

"""API keys as their managers see them."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from graph.domain import actors as domain
from graph.operations.api_keys import count_keys, page_keys
from graph.schema.connections import Connection, Listing, Window, milliseconds
from graph.schema.context import Info
from graph.schema.fields import Eventually, resolved
from graph.schema.node import Node, encode_id
from graph.schema.types.actor import Actor, load_actor


@strawberry.enum(description="Whether a key opens anything.")
class ApiKeyState(StrEnum):
    """Live, or how it ended."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


@strawberry.type
class FolderGrant:
    """A folder and all below it."""

    folder: str = strawberry.field(description="Empty for everything.")
    can_write: bool = strawberry.field(description="False for reading only.")


@strawberry.type
class ApiKey(Node):
    """A key, without its secret, which was shown once and is kept nowhere."""

    name: str = strawberry.field(description="What the key is for.")
    scopes: list[str] = strawberry.field(description="What the key may do, sorted, such as `prompts:write`.")
    grants: list[FolderGrant] = strawberry.field(description="Where it may do so; nowhere when empty.")
    created_at: datetime
    expires_at: datetime | None = strawberry.field(description="Null for a key without an end.")
    revoked_at: datetime | None = strawberry.field(description="Null for a key that was not revoked.")
    last_used_at: datetime | None = strawberry.field(
        description="Some seconds behind, by the server's setting; null for a key that was never used."
    )
    held: strawberry.Private[domain.ApiKey]

    @classmethod
    def of(cls, key: domain.ApiKey) -> Self:
        """Of the domain's key."""
        return cls(
            id=encode_id("ApiKey", key.id),
            name=key.name,
            scopes=sorted(key.scopes),
            grants=[FolderGrant(folder=grant.folder, can_write=grant.can_write) for grant in key.grants],
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
            held=key,
        )

    @resolved
    def state(self, info: Info) -> ApiKeyState:
        """Whether it opens anything now."""
        if self.held.revoked_at is not None:
            return ApiKeyState.REVOKED
        return ApiKeyState.LIVE if self.held.is_live(info.context.deps.clock()) else ApiKeyState.EXPIRED

    @resolved
    def actor(self, info: Info) -> Eventually[Actor | None]:
        """Who acts with it. Null when the account is gone."""
        return load_actor(info, self.held.actor_id)

    @resolved
    def created_by(self, info: Info) -> Eventually[Actor | None]:
        """Who made it. Null when that is not known, or the account is gone."""
        return load_actor(info, self.held.created_by)


async def list_api_keys(info: Info, window: Window) -> Connection[ApiKey]:
    """A page of the keys that the caller could have made, newest first."""
    deps, access = info.context.deps, info.context.access
    listing = Listing(info.context, ("api_keys",))
    page = await page_keys(deps, access, listing.request(window))
    return Connection.of(
        listing,
        page,
        lambda key: (milliseconds(key.created_at), key.id),
        [ApiKey.of(key) for key in page.items],
        lambda: count_keys(deps, access),
    )

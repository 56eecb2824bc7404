"""Who acts: people, services, and the caller."""

from datetime import datetime
from typing import Self

import strawberry

from graph.domain import actors as domain
from graph.domain.quotas import Standing
from graph.schema.context import Info
from graph.schema.fields import Eventually
from graph.schema.node import Node, encode_id


@strawberry.interface
class Actor(Node):
    """A person or a service that acts through this API."""

    display_name: str

    @classmethod
    def of(cls, actor: domain.Actor) -> Self:
        """Of the domain's actor; of the right kind (see `actor_of`)."""
        return cls(id=encode_id(cls.__name__, actor.id), display_name=actor.display_name)


@strawberry.type
class User(Actor):
    """A person."""


@strawberry.type
class ServiceAccount(Actor):
    """A program with an account of its own."""


def actor_of(actor: domain.Actor) -> User | ServiceAccount:
    """Of the domain's actor, as what it is."""
    return User.of(actor) if actor.kind is domain.ActorKind.USER else ServiceAccount.of(actor)


@strawberry.type
class RateLimit:
    """How many requests the caller has left."""

    limit: int = strawberry.field(description="What may be spent until `resetAt`.")
    remaining: int
    reset_at: datetime
    cost: int = strawberry.field(description="What this request cost.")

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """Of where the caller stands."""
        return cls(
            limit=standing.quota.size,
            remaining=standing.remaining,
            reset_at=standing.reset_at,
            cost=standing.cost,
        )


@strawberry.type
class Viewer:
    """The caller."""

    actor: Actor
    scopes: list[str] = strawberry.field(description="What the caller's key may do, sorted, such as `prompts:write`.")
    rate_limit: RateLimit | None = strawberry.field(description="Null when no limit holds for the caller.")

    @classmethod
    def of(cls, access: domain.Access, standing: Standing | None = None) -> Self | None:
        """Of the caller's access; None for an anonymous caller."""
        if access.actor is None:
            return None
        rate_limit = RateLimit.of(standing) if standing else None
        return cls(actor=actor_of(access.actor), scopes=sorted(access.scopes), rate_limit=rate_limit)


def load_actor(info: Info, actor_id: str | None) -> Eventually[User | ServiceAccount | None]:
    """The actor of this id; None when there is none, or no longer. At once when it is loaded already."""
    if actor_id is None:
        return None
    held = info.context.loaders.actor.peek(actor_id)
    return actor_of(held) if held else _load_actor(info, actor_id)


async def _load_actor(info: Info, actor_id: str) -> User | ServiceAccount | None:
    found = await info.context.loaders.actor.load(actor_id)
    return actor_of(found) if found else None

"""What a webhook may tell: what its key may read at the moment."""

from dataclasses import replace

from graph.domain.actors import Access, Actor, ActorKind, Scope
from graph.domain.denials import UnauthenticatedError
from graph.domain.webhooks import Webhook
from graph.operations.access import recheck
from graph.operations.deps import Deps
from graph.operations.rights import require

MOST_ROTATIONS = 10


async def rights_of(deps: Deps, webhook: Webhook) -> Access:
    """The access that the webhook tells by now, with the key that it has by now.

    A key that was rotated with an overlap hands its webhooks on to the key in its place. Raises UnauthenticatedError
    when the key has ended in any other way, ForbiddenError when it may no longer read events.
    """
    owner = Actor(webhook.owner_id, ActorKind.SERVICE, "", "")  # of whom nothing but the id is asked here
    held = Access(owner, webhook.scopes, webhook.grants, deps.anonymous_reads_public, webhook.key_id)
    access = await _recheck(deps, held, MOST_ROTATIONS)
    require(access, Scope.EVENTS_READ)
    return access


async def _recheck(deps: Deps, access: Access, rotations: int) -> Access:
    try:
        return await recheck(deps, access)
    except UnauthenticatedError:
        key = await deps.store.key_watch.find(access.key_id or "")
        if key is None or key.revoked_at is not None or key.replaced_by is None or not rotations:
            raise
        return await _recheck(deps, replace(access, key_id=key.replaced_by), rotations - 1)

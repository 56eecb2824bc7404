"""How the follower of references stands, as `/readyz` and `/metrics` tell it."""

import asyncio

from pydantic import SecretStr

from graph.domain.feed import FollowerState
from graph.operations.deps import Deps
from graph.operations.prompts import create_prompt
from graph.reference_events import OpenedReferences, open_reference_events
from graph.references.follower import LEASE, ReferenceFollower
from graph.settings import Settings
from search_sync.lease import Lease
from tests.feeds import number_events
from tests.fixtures import caller, deps, draft

__all__ = ["deps"]

ADA = caller("ada")


def idle(deps: Deps) -> OpenedReferences:
    """As in a process whose own follower does not work."""
    database = deps.store.database.collection("prompts").database
    follower = ReferenceFollower(deps.store, database, deps.limits, deps.clock)
    return OpenedReferences(deps.store, follower, Lease(database, LEASE, "", 10.0))


async def test_what_waits_is_counted_where_nobody_follows(deps: Deps) -> None:
    seen = idle(deps)
    assert await seen.read() == FollowerState(is_working=False, waiting=0)
    for name in ("a", "b", "c"):
        await create_prompt(deps, ADA, draft(name, name))
    await number_events(deps)
    assert await seen.tell() == {"follower": "none", "waiting": 3}
    state = deps.store.database.collection("sync_state")
    await state.update_one({"_id": "feed"}, {"$set": {"first": 3}})
    assert await seen.read() == FollowerState(is_working=False, waiting=1), (
        "what retention has removed, nobody waits for"
    )


async def test_every_process_tells_of_the_one_that_follows(deps: Deps, mongodb_url: str, database_name: str) -> None:
    await create_prompt(deps, ADA, draft("a", "a"))
    await number_events(deps)
    settings = Settings(mongodb_url=SecretStr(mongodb_url), mongodb_database=database_name)
    async with open_reference_events(settings, deps) as opened, asyncio.timeout(20):
        for one in (opened, idle(deps)):
            while await one.tell() != {"follower": "working", "waiting": 0}:  # noqa: ASYNC110 - the database knows
                await asyncio.sleep(0.02)
    assert (await opened.read_if_known()) == FollowerState(is_working=False, waiting=0)

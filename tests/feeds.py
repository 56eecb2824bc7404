"""A feed for tests: events numbered as the sequencer numbers them, without its care."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

from graph.operations.deps import Deps

T = TypeVar("T")

PATIENCE_SECONDS = 20.0


async def number_events(deps: Deps) -> int:
    """Numbers what has no number yet, by time; how far the log reaches now."""
    events = deps.store.database.collection("events")
    state = deps.store.database.collection("sync_state")
    known = await state.find_one({"_id": "feed"})
    last: int = known["seq"] if known else 0
    for found in await events.find({"seq": {"$exists": False}}).sort([("at", 1), ("rev", 1), ("_id", 1)]).to_list():
        last += 1
        await events.update_one({"_id": found["_id"]}, {"$set": {"seq": last}})
    await state.update_one({"_id": "feed"}, {"$set": {"seq": last}}, upsert=True)
    return last


async def soon(stream: AsyncGenerator[T]) -> T:
    """The next of a stream, which must come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await anext(stream)


async def take(stream: AsyncGenerator[T], count: int) -> list[T]:
    """So many of a stream, in order."""
    return [await soon(stream) for _ in range(count)]

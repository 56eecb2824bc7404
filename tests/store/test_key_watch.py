"""What long-lived streams ask about their keys, and how seldom the database hears of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from graph.operations.access import LOCAL_ACCESS
from graph.operations.api_keys import create_key, revoke_key
from graph.operations.deps import Deps
from graph.store.database import Database
from graph.store.key_watch import KeyWatch
from tests.commands import Commands


@pytest.fixture
async def heard(mongodb_url: str, database_name: str) -> AsyncIterator[tuple[Database, Commands]]:
    commands = Commands()
    async with AsyncMongoClient[dict[str, Any]](mongodb_url, tz_aware=True, event_listeners=[commands]) as client:
        yield Database(client, database_name, 10.0), commands


async def test_thousands_who_ask_at_once_are_one_question(deps: Deps, heard: tuple[Database, Commands]) -> None:
    database, commands = heard
    made = [await create_key(deps, LOCAL_ACCESS, f"key {number}", ()) for number in range(3)]
    watch = KeyWatch(database)
    ids = [*(one.key.id for one in made), "nobody"] * 500
    answers = await asyncio.gather(*(watch.find(key_id) for key_id in ids))
    assert answers[:4] == [*(one.key for one in made), None]
    assert len(commands.names) == 1
    assert set(answers) == {*(one.key for one in made), None}


async def test_what_is_not_fresh_is_asked_again_for_all_at_once(deps: Deps, heard: tuple[Database, Commands]) -> None:
    database, commands = heard
    made = [await create_key(deps, LOCAL_ACCESS, f"key {number}", ()) for number in range(2)]
    watch = KeyWatch(database, fresh_seconds=0)
    for one in made:
        assert await watch.find(one.key.id) == one.key
    revoked = await revoke_key(deps, LOCAL_ACCESS, made[0].key.id)
    assert await asyncio.gather(*(watch.find(one.key.id) for one in made)) == [revoked, made[1].key]
    assert len(commands.names) <= 4


async def test_one_who_goes_away_does_not_end_the_question_of_the_others(deps: Deps) -> None:
    made = await create_key(deps, LOCAL_ACCESS, "ci", ())
    watch = KeyWatch(deps.store.database)
    first, second = (asyncio.create_task(watch.find(made.key.id)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == made.key
    assert first.cancelled()

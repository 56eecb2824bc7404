"""A process that keeps what it has read, beside another one on the same database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from graph.domain.errors import NotFoundError
from graph.domain.limits import Limits
from graph.domain.prompts import VersionByNumber
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt
from graph.operations.selectors import resolve
from graph.operations.versions import append_version
from graph.store.cache import memory_cache
from graph.store.change_watch import ChangeWatch
from graph.store.database import Database
from graph.store.store import Keeping, build_store
from tests.clock import awake_seconds
from tests.commands import Commands
from tests.fixtures import caller, draft, text_version

ADA = caller("ada")
SOON = 1.0


@dataclass(frozen=True, slots=True)
class Here:
    """The process that keeps. `commands` are those that its client sent."""

    deps: Deps
    commands: Commands

    def reads(self) -> int:
        return sum(name in ("find", "aggregate") for name in self.commands.names)


@asynccontextmanager
async def keeping(deps: Deps, url: str, name: str, seconds: float = 1.0) -> AsyncIterator[Here]:
    commands = Commands()
    async with AsyncMongoClient[dict[str, Any]](url, tz_aware=True, event_listeners=[commands]) as client:
        store = build_store(
            Database(client, name, 1.25), memory_cache(100, 1 << 20), Limits(), Keeping(seconds, 100, 1 << 20)
        )
        async with store.watch.running():
            if seconds:
                await hearing(store.watch)
            yield Here(replace(deps, store=store), commands)


async def hearing(watch: ChangeWatch) -> None:
    async with asyncio.timeout(20):
        while not watch.is_heard():  # noqa: ASYNC110  # nobody tells when it begins to hear
            await asyncio.sleep(0.005)


@pytest.fixture
async def here(deps: Deps, mongodb_url: str, database_name: str) -> AsyncIterator[Here]:
    async with keeping(deps, mongodb_url, database_name) as one:
        yield one


async def soon(ask: Callable[[], Awaitable[bool]], seconds: float = SOON) -> None:
    started = awake_seconds()
    while not await ask():  # the one who is asked does not tell by itself
        assert awake_seconds() - started < seconds
        await asyncio.sleep(0.002)


async def settle(here: Here, ask: Callable[[], Awaitable[object]]) -> None:
    """Returns when the answer is kept: word of what was written before may come late, and costs a reading."""

    async def is_kept() -> bool:
        before = here.reads()
        await ask()
        await asyncio.sleep(0.02)
        await ask()
        return here.reads() == before

    await soon(is_kept)


async def number_of(deps: Deps, text: str) -> int | None:
    try:
        return (await resolve(deps, ADA, text)).version.number
    except NotFoundError:
        return None


async def make_greet(deps: Deps) -> str:
    """`greet` with two versions, `production` on the first; its id."""
    prompt = await create_prompt(deps, ADA, draft("greet", text="One"))
    await append_version(deps, ADA, prompt.id, 1, text_version("Two"))
    await set_label(deps, ADA, prompt.id, "production", VersionByNumber(1))
    return prompt.id

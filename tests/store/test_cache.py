"""What cannot change is cached, bounded in entries and bytes."""

import asyncio
from datetime import UTC, datetime

from structlog.testing import capture_logs

from graph.domain.prompts import PromptVersion, VersionRef
from graph.domain.templates import (
    ChatMessage,
    ChatRole,
    ChatTemplate,
    Content,
    MessagesPlaceholder,
    ModelSettings,
    TextTemplate,
    Variable,
)
from graph.store.cache import BoundedMemoryCache, VersionCache, memory_cache, redis_cache, weigh
from tests.clock import awake_seconds
from tests.redis_server import PATIENCE


def version(number: int, text: str = "hello") -> PromptVersion:
    content = Content(TextTemplate(text))
    return PromptVersion("p", number, content, content.digest(), None, datetime(2026, 11, 21, tzinfo=UTC), "someone")


async def test_the_oldest_unused_entry_goes_first() -> None:
    cache = memory_cache(entries=2, size=1_000_000)
    await cache.put([version(1), version(2)])
    await cache.get([VersionRef("p", 1)])
    await cache.put([version(3)])
    held = await cache.get([VersionRef("p", number) for number in (1, 2, 3)])
    assert {ref.number for ref in held} == {1, 3}


async def test_bytes_are_bounded_however_few_the_entries() -> None:
    room = 10 * weigh(version(1, "x" * 10_000)) + 500
    backend = BoundedMemoryCache(entries=10_000, size=room)
    cache = VersionCache(backend)
    for number in range(1, 101):
        await cache.put([version(number, "x" * 10_000)])
        assert backend.size <= room
    held = await cache.get([VersionRef("p", number) for number in range(1, 101)])
    assert sorted(ref.number for ref in held) == list(range(91, 101))
    assert backend.size == sum(weigh(one) for one in held.values())


async def test_a_version_larger_than_the_cache_is_not_kept() -> None:
    cache = memory_cache(entries=10, size=5_000)
    await cache.put([version(1, "x" * 10_000)])
    assert await cache.get([VersionRef("p", 1)]) == {}


async def test_putting_a_version_twice_counts_it_once() -> None:
    backend = BoundedMemoryCache(entries=10, size=1_000_000)
    cache = VersionCache(backend)
    await cache.put([version(1)])
    await cache.put([version(1)])
    assert backend.size == weigh(version(1))


async def test_a_cache_that_fails_is_passed_by_and_then_left_alone() -> None:
    cache = redis_cache("redis://127.0.0.1:1", "test", 0.2)
    started = awake_seconds()
    with capture_logs() as lines:
        assert await asyncio.gather(*[cache.get([VersionRef("p", 1)]) for _ in range(3)]) == [{}] * 3
        await cache.put([version(1)])
        assert await cache.get([VersionRef("p", 1)]) == {}
    assert awake_seconds() - started < 2
    assert [line["event"] for line in lines] == ["version cache passed by"]
    await cache.close()


async def test_redis_gives_every_kind_of_version_back_unchanged(redis_url: str) -> None:
    chat = Content(
        ChatTemplate((ChatMessage(ChatRole.SYSTEM, "be {{x}}"), MessagesPlaceholder("history"))),
        (Variable("x", description="how", default_value='"kind"'),),
        ModelSettings(model="m", temperature=0.5, tools=({"$set": {"a.b": 1}},), extra={"__proto__": 1.0}),
    )
    made = PromptVersion("p", 2, chat, chat.digest(), "why", datetime(2026, 11, 21, 1, 2, 3, 4000, UTC), None)
    here, there = redis_cache(redis_url, "test", PATIENCE), redis_cache(redis_url, "test", PATIENCE)
    await here.put([made, version(1)])
    assert await there.get([made.ref, VersionRef("p", 1), VersionRef("p", 3)]) == {
        made.ref: made,
        VersionRef("p", 1): version(1),
    }
    await here.close()
    await there.close()

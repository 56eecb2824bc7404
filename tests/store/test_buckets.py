"""Buckets in memory and in Redis mean the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from graph.domain.quotas import Quota
from graph.store.buckets import Buckets, MemoryBuckets, redis_buckets
from tests.clock import awake_seconds
from tests.redis_server import PATIENCE

QUOTA = Quota("key", size=5, window=600.0)


@pytest.fixture(params=["memory", "redis"])
async def buckets(request: pytest.FixtureRequest) -> AsyncIterator[Buckets]:
    if request.param == "memory":
        made: Buckets = MemoryBuckets(100)
    else:
        made = redis_buckets(request.getfixturevalue("redis_url"), "test", 100, PATIENCE)
    yield made
    await made.close()


async def test_a_bucket_gives_what_it_holds_and_then_tells_to_wait(buckets: Buckets) -> None:
    left = [QUOTA.remaining(await buckets.take("a", QUOTA, 2)) for _ in range(2)]
    assert left == [3, 1]
    refused = await buckets.take("a", QUOTA, 2)
    assert refused.wait is not None
    assert 110 < refused.wait <= 120
    assert QUOTA.remaining(refused) == 1
    assert (await buckets.take("b", QUOTA, 5)).wait is None


async def test_what_is_given_back_can_be_taken_again(buckets: Buckets) -> None:
    await buckets.take("a", QUOTA, 5)
    await buckets.take("a", QUOTA, -5)
    assert (await buckets.take("a", QUOTA, 5)).wait is None


async def test_many_at_once_get_no_more_than_there_is(buckets: Buckets) -> None:
    takings = await asyncio.gather(*(buckets.take("a", QUOTA, 1) for _ in range(40)))
    assert sum(taking.wait is None for taking in takings) == 5


async def test_a_bucket_refills_with_time() -> None:
    now = 0.0
    buckets = MemoryBuckets(10, lambda: now)
    await buckets.take("a", QUOTA, 5)
    now = 240.0
    assert QUOTA.remaining(await buckets.take("a", QUOTA, 0)) == 2


async def test_processes_with_the_same_redis_share_a_bucket(redis_url: str) -> None:
    here, there = redis_buckets(redis_url, "test", 10, PATIENCE), redis_buckets(redis_url, "test", 10, PATIENCE)
    elsewhere = redis_buckets(redis_url, "another", 10, PATIENCE)
    await here.take("a", QUOTA, 3)
    assert QUOTA.remaining(await there.take("a", QUOTA, 1)) == 1
    assert QUOTA.remaining(await elsewhere.take("a", QUOTA, 1)) == 4
    for one in (here, there, elsewhere):
        await one.close()


async def test_without_redis_a_process_counts_for_itself_and_says_so_once() -> None:
    buckets = redis_buckets("redis://:hunter2@127.0.0.1:1", "test", 10, 0.2)
    started = awake_seconds()
    with capture_logs() as lines:
        takings = await asyncio.gather(*[buckets.take("a", QUOTA, 1) for _ in range(7)])
        takings += [await buckets.take("a", QUOTA, 1) for _ in range(2)]
    assert [taking.wait is None for taking in takings] == [True] * 5 + [False] * 4
    assert awake_seconds() - started < 2
    told = [line for line in lines if line["event"] == "rate limits are counted in this process"]
    assert [line["log_level"] for line in told] == ["warning"]
    assert "hunter2" not in str(lines)
    await buckets.close()


async def test_memory_holds_no_more_buckets_than_it_may() -> None:
    buckets = MemoryBuckets(3)
    for name in "abcdefgh":
        await buckets.take(name, QUOTA, 1)
    assert len(buckets) == 3
    assert QUOTA.remaining(await buckets.take("h", QUOTA, 0)) == 4

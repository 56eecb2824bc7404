"""Buckets in Redis.

When it does not answer, each process counts for itself for a while: a limiter must not take the server down.
"""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from graph.domain.quotas import Quota, Taking
from graph.store.buckets import MemoryBuckets
from graph.store.redis_rest import RedisRest

# The same arithmetic as Quota.take, by Redis's own clock, as one step that no other process can come between.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local from = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local wanted = from + tonumber(ARGV[1])
local window = tonumber(ARGV[2])
if tonumber(ARGV[1]) > 0 and wanted - now > window + 0.000001 then
  return {string.format('%.6f', from - now), string.format('%.6f', wanted - now - window)}
end
local full_in = math.max(wanted - now, 0)
redis.call('SET', KEYS[1], string.format('%.6f', wanted), 'PX', math.ceil(full_in * 1000) + 1)
return {string.format('%.6f', full_in)}
"""


class RedisBuckets:
    """Buckets in Redis under a namespace. While it does not answer in so many seconds, `otherwise` is asked."""

    def __init__(self, client: Redis, namespace: str, seconds: float, otherwise: MemoryBuckets) -> None:
        self._client = client
        self._seconds = seconds
        self._take = client.register_script(TAKE)
        self._namespace = namespace
        self._otherwise = otherwise
        self._rest = RedisRest("rate limits are counted in this process")

    async def take(self, name: str, quota: Quota, units: int) -> Taking:
        """See Buckets."""
        if self._rest.is_on:
            return await self._otherwise.take(name, quota, units)
        seconds = min(units, quota.size) * quota.unit_seconds
        try:
            async with asyncio.timeout(self._seconds):
                told = await self._take(
                    keys=[f"{self._namespace}:bucket:{name}"], args=[repr(seconds), repr(quota.window)]
                )
        except (RedisError, OSError, TimeoutError) as error:
            self._rest.begin(error)
            return await self._otherwise.take(name, quota, units)
        return Taking(*(float(number) for number in told))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def open_buckets(url: str, namespace: str, seconds: float, otherwise: MemoryBuckets) -> RedisBuckets:
    """Connects at the first question; see `buckets.redis_buckets`."""
    once = Retry(NoBackoff(), 0)  # the next request is a second try
    client = Redis.from_url(url, socket_connect_timeout=seconds, retry=once, decode_responses=True)
    return RedisBuckets(client, namespace, seconds, otherwise)

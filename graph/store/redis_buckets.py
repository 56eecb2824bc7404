"""Buckets in Redis.

When it does not answer, each process counts for itself for a while: a limiter must not take the server down.
"""

import asyncio
import time

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from graph.domain.quotas import Quota, Taking
from graph.store.buckets import MemoryBuckets

log = structlog.get_logger(__name__)

REDIS_SECONDS = 0.2
REDIS_REST_SECONDS = 5.0

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
    """Buckets in Redis under a namespace. While Redis does not answer, `otherwise` is asked."""

    def __init__(self, client: Redis, namespace: str, otherwise: MemoryBuckets) -> None:
        self._client = client
        self._take = client.register_script(TAKE)
        self._namespace = namespace
        self._otherwise = otherwise
        self._resting_until = 0.0

    async def take(self, name: str, quota: Quota, units: int) -> Taking:
        """See Buckets."""
        if time.monotonic() < self._resting_until:
            return await self._otherwise.take(name, quota, units)
        seconds = min(units, quota.size) * quota.unit_seconds
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                told = await self._take(
                    keys=[f"{self._namespace}:bucket:{name}"], args=[repr(seconds), repr(quota.window)]
                )
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)
            return await self._otherwise.take(name, quota, units)
        return Taking(*(float(number) for number in told))

    def _rest(self, error: Exception) -> None:
        """Those who asked at the same time fail as well: one of them tells of it."""
        now = time.monotonic()
        if now >= self._resting_until:
            reason = type(error).__name__
            log.warning("rate limits are counted in this process", seconds=REDIS_REST_SECONDS, reason=reason)
        self._resting_until = now + REDIS_REST_SECONDS

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def open_buckets(url: str, namespace: str, otherwise: MemoryBuckets) -> RedisBuckets:
    """Connects at the first question; see `buckets.redis_buckets`."""
    once = Retry(NoBackoff(), 0)  # the next request is a second try
    client = Redis.from_url(url, socket_connect_timeout=REDIS_SECONDS, retry=once, decode_responses=True)
    return RedisBuckets(client, namespace, otherwise)

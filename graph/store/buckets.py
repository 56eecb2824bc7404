"""The callers' buckets: in this process's memory, or in Redis, where several processes share them.

Nothing here is the truth: a bucket that is lost is a full one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from graph.domain.outages import StoreMisconfiguredError
from graph.domain.quotas import Quota, Taking


class Buckets(Protocol):
    """All buckets, by name."""

    async def take(self, name: str, quota: Quota, units: int) -> Taking:
        """Takes units from the bucket of this name; negative ones are given back. Never raises."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


class MemoryBuckets:
    """At most `most` buckets: the one that was asked of longest ago is forgotten first."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    async def take(self, name: str, quota: Quota, units: int) -> Taking:
        """See Buckets."""
        now = self._clock()
        taking = quota.take(self._full_at.get(name), now, units)
        self._full_at[name] = now + taking.full_in
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return taking

    async def close(self) -> None:
        """Nothing is held."""

    def __len__(self) -> int:
        return len(self._full_at)


def redis_buckets(url: str, namespace: str, most: int, seconds: float) -> Buckets:
    """Buckets that every process with the same Redis and namespace shares; it has so many seconds for an answer.

    Raises StoreMisconfiguredError.
    """
    try:
        # Redis's client is an extra: who has no Redis need not install it.
        module = import_module("graph.store.redis_buckets")
    except ImportError:
        raise StoreMisconfiguredError("PROMPTGRAPH_REDIS_URL needs the extra `promptgraph[redis]`.") from None
    return cast(Buckets, module.open_buckets(url, namespace, seconds, MemoryBuckets(most)))

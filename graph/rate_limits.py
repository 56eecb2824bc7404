"""The rate limits of one server, as its settings have them."""

from collections.abc import Callable
from datetime import datetime

from graph.domain.quotas import Quota
from graph.http.addresses import Addresses
from graph.http.faces import tell_limited
from graph.http.rate_limit import RateLimiter
from graph.settings import Settings
from graph.store.buckets import MemoryBuckets, redis_buckets


def caller_addresses(settings: Settings) -> Addresses:
    """How to find out where a request comes from."""
    return Addresses(settings.trusted_proxies, settings.forwarded_header)


def make_limiter(settings: Settings, clock: Callable[[], datetime]) -> RateLimiter | None:
    """The limiter of one server; None when no limit is set."""
    window, most = settings.rate_limit_seconds, settings.rate_limit_callers
    of_keys = Quota("key", settings.rate_limit, window) if settings.rate_limit else None
    of_addresses = Quota("address", settings.rate_limit_anonymous, window) if settings.rate_limit_anonymous else None
    if of_keys is None and of_addresses is None:
        return None
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    name, seconds = settings.mongodb_database, settings.redis_timeout_seconds
    buckets = redis_buckets(url, name, most, seconds) if url else MemoryBuckets(most)
    return RateLimiter(buckets, of_keys, of_addresses, caller_addresses(settings), clock, most, tell_limited)

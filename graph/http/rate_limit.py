"""How much a caller may ask: one bucket for each key, and one for each address that asks without.

The bucket is charged before anything is looked up. Which key a request holds is known by then only if it was found
good before, so the keys that were are remembered, by digest. A key that is not known yet is charged to a bucket of
wrong keys, by address, and given back when it turns out to be good: so wrong keys cost their sender alone, not those
who share the address, and the database is not asked about them for ever.

Every path goes through here but probes. What costs more than one unit says so itself:

    await charge_of(request).spend(units)   # where there is one: None when no limit holds

The headers are those of draft-ietf-httpapi-ratelimit-headers-11.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from math import ceil

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.denials import RateLimitedError
from graph.domain.quotas import Quota
from graph.http.addresses import Addresses
from graph.http.errors import refuse
from graph.http.origin import HEALTH_PATHS, Handler
from graph.operations.quotas import Account, Charge
from graph.store.buckets import Buckets

CHARGE = web.RequestKey("charge", Charge)
DIGEST = web.RequestKey("digest", str)

TellLimited = Callable[[web.Request, RateLimitedError], web.Response]


class RateLimiter:
    """One server's. `of_keys` and `of_addresses` are the two quotas, None where there is none.

    At most `most` good keys are remembered. `tell` says to a caller that it has asked too much.
    """

    def __init__(
        self,
        buckets: Buckets,
        of_keys: Quota | None,
        of_addresses: Quota | None,
        addresses: Addresses,
        clock: Callable[[], datetime],
        most: int,
        tell: TellLimited = lambda request, error: refuse(error),
    ) -> None:
        self._buckets = buckets
        self._of_keys = of_keys
        self._of_addresses = of_addresses
        self._of_wrong_keys = replace(of_addresses, name="wrong-key") if of_addresses else None
        self._addresses = addresses
        self._clock = clock
        self._most = most
        self._tell = tell
        self._good: OrderedDict[str, str] = OrderedDict()

    @web.middleware
    async def limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Charge the request one unit, or answer 429."""
        if request.path in HEALTH_PATHS:
            return await handler(request)
        try:
            await self._begin(request, self._account(request))
            return await handler(request)
        except RateLimitedError as error:
            return self._tell(request, error)

    async def recognise(self, request: web.Request, access: Access) -> None:
        """The request's key is good: from here on it is charged to the key. Raises RateLimitedError."""
        digest, key = request.get(DIGEST), access.key_id
        if digest is None or key is None or self._good.get(digest) == key:
            return
        self._good[digest] = key
        if len(self._good) > self._most:
            self._good.popitem(last=False)
        if charge := request.pop(CHARGE, None):
            await charge.give_back()
        await self._begin(request, self._account_of_key(key))

    async def adopt(self, request: web.Request, access: Access) -> None:
        """A key that did not come with the request is good: what its socket asks is charged to it from here on."""
        if access.key_id is not None and (charge := request.pop(CHARGE, None)):
            await charge.give_back()
            await self._begin(request, self._account_of_key(access.key_id))

    async def close(self, app: web.Application) -> None:
        """At the server's end."""
        await self._buckets.close()

    async def _begin(self, request: web.Request, account: Account | None) -> None:
        if account:
            request[CHARGE] = Charge(self._buckets, account, self._clock)
            await request[CHARGE].spend(1)

    def _account_of_key(self, key: str) -> Account | None:
        return Account(f"key:{key}", self._of_keys) if self._of_keys else None

    def _account(self, request: web.Request) -> Account | None:
        authorization = request.headers.get("Authorization")
        if authorization:
            digest = request[DIGEST] = sha256(authorization.encode("utf-8", "surrogateescape")).hexdigest()
            if key := self._good.get(digest):
                self._good.move_to_end(digest)
                return self._account_of_key(key)
        quota = self._of_wrong_keys if authorization else self._of_addresses
        if quota is None:
            return None
        return Account(f"{quota.name}:{self._addresses.find_caller(request)}", quota)


def charge_of(request: web.Request) -> Charge | None:
    """What is charged for this request; None when no limit holds for it."""
    return request.get(CHARGE)


async def tell_quota(request: web.Request, response: web.StreamResponse) -> None:
    """Write the headers that tell the caller where it stands, also on answers that are streamed."""
    charge = request.get(CHARGE)
    if charge is None:
        return
    quota = charge.account.quota
    # Retry-After must not be earlier than the end of the window that is told beside it.
    within = ceil(charge.full_in if charge.wait is None else charge.wait)
    response.headers["RateLimit-Policy"] = f'"{quota.name}";q={quota.size};w={ceil(quota.window)}'
    response.headers["RateLimit"] = f'"{quota.name}";r={charge.remaining};t={within}'

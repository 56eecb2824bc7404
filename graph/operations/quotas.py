"""What a request is charged, and when a caller has to wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.domain.denials import RateLimitedError
from graph.domain.quotas import Quota, Standing, Taking
from graph.store.buckets import Buckets


@dataclass(frozen=True, slots=True)
class Account:
    """Whose bucket, and how large it is."""

    name: str
    quota: Quota


class Charge:
    """One request's charges to one account. It starts with nothing spent."""

    def __init__(self, buckets: Buckets, account: Account, clock: Callable[[], datetime]) -> None:
        self.account = account
        self._buckets = buckets
        self._clock = clock
        self._cost = 0
        self._last: Taking | None = None

    async def spend(self, units: int) -> None:
        """Raises RateLimitedError, and spends nothing then, when the bucket does not hold as many."""
        taking = self._last = await self._buckets.take(self.account.name, self.account.quota, units)
        if taking.wait is not None:
            raise RateLimitedError(taking.wait)
        self._cost += units

    async def give_back(self) -> None:
        """Undoes what was spent."""
        await self._buckets.take(self.account.name, self.account.quota, -self._cost)
        self._cost = 0

    def again(self) -> "Charge":
        """A charge of its own for what comes next on a connection that stays open."""
        return Charge(self._buckets, self.account, self._clock)

    @property
    def wait(self) -> float | None:
        """How many seconds are missing, when the last spending was refused."""
        return self._last.wait if self._last else None

    @property
    def full_in(self) -> float:
        """In how many seconds the bucket is full again, as of the last spending."""
        return self._last.full_in if self._last else 0.0

    @property
    def remaining(self) -> int:
        """What is left, as of the last spending."""
        quota = self.account.quota
        return quota.remaining(self._last) if self._last else quota.size

    def standing(self) -> Standing:
        """Where the caller stands."""
        reset_at = self._clock() + timedelta(seconds=self.full_in)
        return Standing(self.account.quota, self.remaining, reset_at, self._cost)

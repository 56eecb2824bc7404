"""What every resolver is given: the operations' dependencies, who is calling, and the request's loaders."""

from dataclasses import dataclass, field, replace
from typing import Self

from strawberry.types import Info as StrawberryInfo

from graph.domain.actors import Access, Origin
from graph.domain.limits import RequestLimits
from graph.operations.access import recheck
from graph.operations.deps import Deps
from graph.operations.presence import IsWanted, always
from graph.operations.quotas import Charge
from graph.schema.budget import Budget
from graph.schema.loaders import Loaders


@dataclass(slots=True)
class Context:
    """One request's. Loaders batch within it and forget with it, and its budget is spent with it.

    `charge` is None when no rate limit holds for the caller. `resume_after` is the cursor that a stream which was cut
    off says it had, outside of its query; `base_url` is where the caller has reached us. `is_wanted` is false when
    nobody waits for the answer any more, which ends calls of a model.
    """

    deps: Deps
    access: Access
    limits: RequestLimits = RequestLimits()  # noqa: RUF009 - it is frozen
    charge: Charge | None = None
    resume_after: str | None = None
    base_url: str = "http://127.0.0.1:8080"
    is_wanted: IsWanted = always
    loaders: Loaders = field(init=False)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.deps, self.access)
        self.budget = Budget(self.limits)

    @property
    def identity(self) -> tuple[Access, str]:
        """All that an answer depends on, but for the moment: whose it is and with which rights, from wherever, and
        how the server is called."""
        return replace(self.access, origin=Origin()), self.base_url

    @property
    def is_known(self) -> bool:
        """False for a caller without a key."""
        return self.access.actor is not None

    async def pay(self, requests: int) -> None:
        """Charges the caller as for so many requests more. Raises RateLimitedError."""
        if self.charge and requests > 0:
            await self.charge.spend(requests)

    async def renew(self, is_wanted: IsWanted | None = None) -> Self:
        """The same caller afresh, with the rights of now, for an answer that is wanted so long. Raises
        UnauthenticatedError when it has no rights any more.
        """
        access = await recheck(self.deps, self.access)
        return replace(self, access=access, is_wanted=is_wanted or self.is_wanted)


Info = StrawberryInfo[Context, None]

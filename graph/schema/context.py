"""What every resolver is given: the operations' dependencies, who is calling, and the request's loaders."""

from dataclasses import dataclass, field

from strawberry.types import Info as StrawberryInfo

from graph.domain.actors import Access
from graph.domain.limits import RequestLimits
from graph.operations.deps import Deps
from graph.operations.quotas import Charge
from graph.schema.budget import Budget
from graph.schema.loaders import Loaders


@dataclass(slots=True)
class Context:
    """One request's. Loaders batch within it and forget with it, and its budget is spent with it.

    `charge` is None when no rate limit holds for the caller.
    """

    deps: Deps
    access: Access
    limits: RequestLimits = RequestLimits()  # noqa: RUF009 - it is frozen
    charge: Charge | None = None
    loaders: Loaders = field(init=False)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.deps, self.access)
        self.budget = Budget(self.limits)


Info = StrawberryInfo[Context, None]

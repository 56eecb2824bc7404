"""What every resolver is given: the operations' dependencies, who is calling, and the request's loaders."""

from dataclasses import dataclass, field

from strawberry.types import Info as StrawberryInfo

from graph.domain.actors import Access
from graph.operations.deps import Deps
from graph.schema.loaders import Loaders


@dataclass(slots=True)
class Context:
    """One request's. Loaders batch within it and forget with it."""

    deps: Deps
    access: Access
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.deps, self.access)


Info = StrawberryInfo[Context, None]

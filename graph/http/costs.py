"""What one request costs: told in its answer, bounded, and charged to the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.domain.limits import RequestLimits
from graph.http.bounds import refuse
from graph.operations.quotas import Charge


@dataclass(frozen=True, slots=True)
class Cost:
    """`points` as the cost map has them, of at most `limit`; they count as `requests` of a rate limit."""

    points: int
    limit: int
    requests: int

    def tell(self) -> dict[str, int]:
        """As `extensions.cost` says it."""
        return {"points": self.points, "limit": self.limit, "requests": self.requests}

    async def charge(self, charge: Charge | None) -> None:
        """Charges what is more than the one request that was charged at the door. Raises RateLimitedError."""
        if charge is not None and self.requests > 1:
            await charge.spend(self.requests - 1)


def cost_of(points: int, limits: RequestLimits) -> Cost:
    """The cost of so many points. Raises GraphQLError when they are too many."""
    requests = max(1, -(-points // limits.cost_per_request))
    if points > limits.cost:
        raise refuse(
            "QUERY_TOO_COSTLY",
            f"The query costs {points} points; at most {limits.cost} are allowed. "
            "Ask for smaller pages, or for fewer lists within lists.",
        )
    return Cost(points, limits.cost, requests)


def check_variables(variables: Mapping[str, Any] | None, limits: RequestLimits) -> None:
    """Bound the values that variables hold, and the bytes of their texts and names. Raises GraphQLError."""
    values = size = 0
    pending: list[Any] = [variables] if variables else []
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            size += len(value) if value.isascii() else len(value.encode())
        elif isinstance(value, dict | list):
            values += len(value)
            if values > limits.variable_values:
                raise refuse("TOO_MANY_VALUES", f"The variables hold more than {limits.variable_values} values.")
            pending += value
            if isinstance(value, dict):
                pending += value.values()
        if size > limits.variables_bytes:
            raise refuse("VARIABLES_TOO_LARGE", f"The variables are longer than {limits.variables_bytes} bytes.")

"""What every measurement is given, and how it tells its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import aiohttp

from benchmarks.load import Body, Cost, measure
from benchmarks.servers import Server

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Bench:
    """A mongod, a database for the measurement, how many requests count, how many prompts are searched, how long."""

    mongodb_url: str
    database: str
    mongod_pid: int
    requests: int
    prompts: int = 20_000
    seconds: float = 60.0

    async def cost(self, server: Server, path: str, body: Body, requests: int = 0, connections: int = 4) -> Cost:
        """One run."""
        return await measure(server, path, body, requests or self.requests, connections, self.mongod_pid)

    async def paired(
        self, ours: tuple[Server, str, Body], theirs: tuple[Server, str, Body], requests: int = 0
    ) -> tuple[Cost, Cost, float]:
        """Both in turn, several times: the median run of each by CPU, and the median of the ratios pair by pair."""
        pairs = [(await self.cost(*ours, requests), await self.cost(*theirs, requests)) for _ in range(ROUNDS)]
        ratio = median(one.server / other.server for one, other in pairs)
        return _median([one for one, _ in pairs]), _median([other for _, other in pairs]), ratio


def _median(costs: Sequence[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.server)[len(costs) // 2]


def tell(what: str, cost: Cost) -> None:
    """One line of figures."""
    print(
        f"  {what:<34} {cost.server:7.3f} ms CPU  {cost.mongod:7.3f} ms mongod"
        f"  p50 {cost.percentile(0.5):7.2f} ms  p99 {cost.percentile(0.99):7.2f} ms  {cost.per_second:7.0f}/s"
    )


def tell_ratio(what: str, ratio: float, aim: float) -> None:
    """A ratio beside what it should be at most."""
    print(f"  {what:<34} {ratio:7.2f}  (at most {aim})")


async def ask(server: Server, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """One GraphQL answer. Raises RuntimeError when it has errors."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(server.url + "/graphql", json={"query": query, "variables": variables}) as response,
    ):
        answer: dict[str, Any] = await response.json()
    if "errors" in answer or any(one.get("errors") for one in answer["data"].values()):
        raise RuntimeError(f"not an answer to build on: {answer}")
    return dict(answer["data"])

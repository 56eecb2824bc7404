"""A small schema and a running server, so that the transport is tested whatever the product's schema is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import strawberry
from aiohttp import ClientSession, web

from graph.domain.errors import ForbiddenError, InvalidInputError, StoreUnavailableError
from graph.domain.limits import RequestLimits
from graph.http.engine import Engine
from graph.http.errors import Mask
from graph.http.explorer import Explorer
from graph.http.graphql import GraphQLHandler, MakeContext
from graph.http.health import Ready
from graph.http.middleware import middlewares, signals
from graph.http.origin import OriginRules
from graph.http.rate_limit import RateLimiter
from graph.http.routes import routes
from graph.http.runner import make_runner

Client = ClientSession


@strawberry.type
class Leaf:
    """A node of a tree without end."""

    name: str = "leaf"

    @strawberry.field
    def leaf(self) -> "Leaf":
        """One level further down."""
        return Leaf()


@strawberry.type
class Query:
    """What the toy answers, and how it fails."""

    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"Hello {name}"

    @strawberry.field
    async def later(self) -> str:
        await asyncio.sleep(0)
        return "later"

    @strawberry.field
    def leaf(self) -> Leaf:
        return Leaf()

    @strawberry.field
    def leaves(self, first: int = 3) -> list[Leaf]:
        return [Leaf()] * first

    @strawberry.field
    def count_all(self, numbers: list[int]) -> int:
        return len(numbers)

    @strawberry.field
    def broken(self) -> str | None:
        raise KeyError("mongodb://root:hunter2@db")

    @strawberry.field
    def forbidden(self) -> str | None:
        raise ForbiddenError("prompts:read")

    @strawberry.field
    def invalid(self) -> str | None:
        raise InvalidInputError("Too long.", ("tags", "3"))

    @strawberry.field
    def unavailable(self) -> str:
        raise StoreUnavailableError


@strawberry.type
class Mutation:
    """Counts how often it was run."""

    runs = 0

    @strawberry.mutation
    def count(self) -> int:
        Mutation.runs += 1
        return Mutation.runs


@strawberry.type
class Subscription:
    """Never served by a plain request."""

    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


def build_toy() -> strawberry.Schema:
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


async def no_context(request: web.Request) -> object:
    return None


def make_mask() -> Mask:
    numbers = count(1)
    return Mask(lambda: f"error-{next(numbers)}")


async def all_is_well() -> dict[str, str]:
    return {"store": "ok"}


def make_app(
    limits: RequestLimits | None = None,
    make_context: MakeContext = no_context,
    rules: OriginRules | None = None,
    ready: Ready = all_is_well,
    explorer: Explorer | None = None,
    limiter: RateLimiter | None = None,
    *,
    introspection: bool = True,
    show_cost: bool = False,
) -> web.Application:
    mask = make_mask()
    explorer = explorer or Explorer()
    limits = limits or RequestLimits()
    engine = Engine(build_toy(), limits, mask, introspection=introspection, show_cost=show_cost)
    handler = GraphQLHandler(engine, limits, make_context, explorer)
    rules = rules or OriginRules("127.0.0.1", (), (), local=True)
    app = web.Application(middlewares=middlewares(rules, mask, lambda: "made-here", limiter))
    app.on_response_prepare.extend(signals(rules))
    app.add_routes(routes(handler, explorer, ready))
    return app


@asynccontextmanager
async def serve(app: web.Application) -> AsyncIterator[Client]:
    """A client of the app, which runs as the product runs it, on loopback."""
    runner = make_runner(app, shutdown_seconds=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with ClientSession(f"http://{host}:{port}", auto_decompress=False) as client:
            yield client
    finally:
        await runner.cleanup()

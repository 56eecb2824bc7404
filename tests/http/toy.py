"""A small schema and a running server, so that the transport is tested whatever the product's schema is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

import strawberry
from aiohttp import ClientSession, web

from graph.domain.denials import ForbiddenError, UnauthenticatedError
from graph.domain.errors import InvalidInputError
from graph.domain.feed import Place
from graph.domain.limits import LiveLimits, RequestLimits
from graph.domain.outages import StoreUnavailableError
from graph.http.auth import Credentials
from graph.http.engine import Engine
from graph.http.errors import Mask
from graph.http.explorer import Explorer
from graph.http.graphql import GraphQLHandler
from graph.http.health import Ready
from graph.http.live.faces import LiveFaces
from graph.http.live.operation import Caller
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


@dataclass
class Board:
    """Words that are written one after the other, for all to follow; `told` counts how often one was made an answer."""

    words: list[str] = field(default_factory=list)
    told: int = 0
    readers: int = 0
    waiting: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, *words: str) -> None:
        self.words += words
        self.moved.set()
        self.moved = asyncio.Event()


BOARD = web.AppKey("board", Board)


@dataclass(frozen=True)
class Nobody:
    """Who calls: nobody in particular."""

    board: Board = field(default_factory=Board)
    name: str = "nobody"

    @property
    def identity(self) -> str:
        return self.name

    @property
    def is_known(self) -> bool:
        return self.name != "stranger"

    async def pay(self, requests: int) -> None:
        pass

    async def renew(self, is_wanted: Callable[[], bool] | None = None) -> "Nobody":
        return self


@strawberry.type
class Mutation:
    """Counts how often it was run."""

    runs = 0
    slow_runs = 0

    @strawberry.mutation
    def count(self) -> int:
        Mutation.runs += 1
        return Mutation.runs

    @strawberry.mutation
    async def count_slowly(self, info: strawberry.Info[Nobody]) -> int:
        """Waits until somebody writes on the board."""
        board = info.context.board
        board.waiting = True
        await board.moved.wait()
        Mutation.slow_runs += 1
        return Mutation.slow_runs


@strawberry.type
class Word:
    """What was written, or nothing but how far the board reaches."""

    place: strawberry.Private[Place]
    word: strawberry.Private[str | None] = None

    @strawberry.field
    def text(self, info: strawberry.Info[Nobody]) -> str | None:
        info.context.board.told += 1
        return self.word

    @strawberry.field
    async def stubborn(self, info: strawberry.Info[Nobody]) -> bool:
        """Waits while the word is `wait`, and swallows it when it is told to stop, as a driver may."""
        board = info.context.board
        if self.word == "wait":
            board.waiting = True
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return True


@strawberry.type
class Subscription:
    """Streams of every kind."""

    @strawberry.subscription
    async def ticks(self, count: int = 1) -> AsyncIterator[int]:
        for number in range(count):
            yield number + 1

    @strawberry.subscription
    async def silence(self) -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 0

    @strawberry.subscription
    async def refused(self) -> AsyncIterator[int]:
        yield 1
        raise ForbiddenError("events:read")

    @strawberry.subscription
    async def broken(self) -> AsyncIterator[int]:
        yield 1
        raise KeyError("mongodb://root:hunter2@db")

    @strawberry.subscription
    async def flood(self, size: int = 100_000) -> AsyncIterator[str]:
        while True:
            yield "x" * size

    @strawberry.subscription
    async def words(self, info: strawberry.Info[Nobody], after: int | None = None) -> AsyncIterator[Word]:
        board = info.context.board
        board.readers += 1
        try:
            position = len(board.words) if after is None else after
            is_live = False
            while True:
                for word in board.words[position:]:
                    position += 1
                    yield Word(place=Place(position, str(position)), word=word)
                if not is_live:
                    is_live = True
                    yield Word(place=Place(position, str(position), is_event=False, is_live=True))
                if position == len(board.words):
                    await board.moved.wait()
        finally:
            board.readers -= 1


def build_toy() -> strawberry.Schema:
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


async def no_context(request: web.Request) -> Nobody:
    return Nobody()


def make_mask() -> Mask:
    numbers = count(1)
    return Mask(lambda: f"error-{next(numbers)}")


async def all_is_well() -> dict[str, str]:
    return {"store": "ok"}


def make_app(
    limits: RequestLimits | None = None,
    make_context: Callable[[web.Request], Awaitable[object]] = no_context,
    rules: OriginRules | None = None,
    ready: Ready = all_is_well,
    explorer: Explorer | None = None,
    limiter: RateLimiter | None = None,
    *,
    introspection: bool = True,
    show_cost: bool = False,
    live_limits: LiveLimits | None = None,
) -> web.Application:
    mask = make_mask()
    explorer = explorer or Explorer()
    limits = limits or RequestLimits()
    engine = Engine(build_toy(), limits, mask, introspection=introspection, show_cost=show_cost)
    board = Board()

    async def join(request: web.Request, credentials: Credentials) -> Nobody:
        if credentials.bearer == "wrong":
            raise UnauthenticatedError("This API key is unknown.")
        if credentials.bearer == "later":
            raise StoreUnavailableError
        return Nobody(board, credentials.actor or "nobody")

    async def see_board(request: web.Request) -> Caller:
        await make_context(request)
        return Nobody(board)

    live = LiveFaces(engine, live_limits or LiveLimits(), join)
    handler = GraphQLHandler(engine, limits, see_board, explorer, live)
    rules = rules or OriginRules("127.0.0.1", (), (), local=True)
    app = web.Application(middlewares=middlewares(rules, mask, lambda: "made-here", limiter))
    app.on_response_prepare.extend(signals(rules))
    app.add_routes(routes(handler, explorer, ready))
    live.attach(app)
    app[BOARD] = board
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

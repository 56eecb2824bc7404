"""What the system is made of, joined in one place."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from secrets import token_hex

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.denials import AccessError
from graph.feed import OpenedFeed, open_feed
from graph.http import plain
from graph.http.auth import Credentials, Identify, ReadCredentials, read_credentials, without_foreign_keys
from graph.http.connected import connection_of
from graph.http.engine import Engine
from graph.http.errors import Mask
from graph.http.explorer import Explorer
from graph.http.faces import face_routes
from graph.http.gateway import Gateway
from graph.http.graphql import GraphQLHandler
from graph.http.live.faces import JoinRequest, LiveFaces
from graph.http.metrics import Metrics
from graph.http.middleware import middlewares, origin_of, signals
from graph.http.openai_refusals import speak_openai
from graph.http.origin import OriginRules
from graph.http.rate_limit import RateLimiter, charge_of
from graph.http.refusals import ACCESS, knocker, note_answer, note_errors, noting
from graph.http.routes import routes
from graph.http.watch import Watch
from graph.model_provider import open_upstream
from graph.operations.access import LOCAL_ACCESS, authenticate
from graph.operations.deps import Deps
from graph.operations.reexamination import reexamining
from graph.rate_limits import caller_addresses, make_limiter
from graph.reference_events import OpenedReferences, open_reference_events
from graph.registry import now, open_registry
from graph.schema.build import build_schema
from graph.schema.context import Context
from graph.search_index import OpenedIndex, open_search_index
from graph.settings import LOOPBACK, Settings
from graph.webhook_delivery import OpenedWebhooks, open_webhooks
from search_sync.status import Status

DEPS = web.AppKey("deps", Deps)
INDEX = web.AppKey("index", OpenedIndex)
FEED = web.AppKey("feed", OpenedFeed)
WEBHOOKS = web.AppKey("webhooks", OpenedWebhooks)
REFERENCES = web.AppKey("references", OpenedReferences)


def create_app(settings: Settings, mongodb_url: str) -> web.Application:
    """The server: its rooms, its routes, and what lives as long as it does."""
    limiter = None if is_local(settings) else make_limiter(settings, now)
    identify = _identifier(settings, limiter)

    def identify_client(read: ReadCredentials) -> Identify:
        return _identifier(settings, limiter, without_foreign_keys(read) if is_local(settings) else read)

    async def make_context(request: web.Request) -> Context:
        resume_after = request.headers.get("Last-Event-ID")
        deps, access = await identify(request)
        url = base_url_of(settings, request)
        connection = connection_of(request)
        return Context(deps, access, settings.request_limits, charge_of(request), resume_after, url, connection)

    async def ready() -> Mapping[str, str]:
        await app[DEPS].store.database.ping()
        return {"store": "ok"}

    async def read_status() -> Status | None:
        return await app[INDEX].read_status()

    mask = Mask(_new_token)
    explorer = Explorer()
    engine = _engine(settings, mask)
    find_caller = caller_addresses(settings).find_caller
    live = LiveFaces(engine, settings.live_limits, _joiner(settings, limiter), find_caller)
    graphql = GraphQLHandler(engine, settings.request_limits, make_context, explorer, live)
    metrics = Metrics(
        read_status,
        lambda: app[FEED].read_if_known(),
        lambda: app[REFERENCES].read_if_known(),
        lambda: app[DEPS].store.watch.is_heard(),
    )
    tell = {
        "index": lambda: app[INDEX].tell(),
        "feed": lambda: app[FEED].tell(),
        "webhooks": lambda: app[WEBHOOKS].tell(),
        "references": lambda: app[REFERENCES].tell(),
    }
    app: web.Application = _wrap(settings, metrics, mask, limiter)
    app.add_routes(routes(graphql, explorer, ready, tell, metrics))
    app.add_routes(face_routes(identify_client, mask, settings.request_limits))
    app.add_routes(plain.routes(identify))
    app.add_routes(Watch(identify, live, settings.live_limits, mask).routes())
    bounds = (settings.gateway_body_bytes, settings.request_limits.body_seconds)
    app.add_routes(Gateway(identify_client(read_credentials), mask, *bounds).routes())
    app.cleanup_ctx.append(_opener(settings, mongodb_url))
    live.attach(app)
    return app


def _opener(settings: Settings, mongodb_url: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """Opens what the application stands on, and closes it with the application."""

    async def registry(app: web.Application) -> AsyncIterator[None]:
        async with (
            open_registry(settings, mongodb_url) as deps,
            deps.store.watch.running(),
            open_search_index(settings, deps.store.database.client) as app[INDEX],
            open_feed(settings, deps.store) as app[FEED],
            open_webhooks(settings, deps) as app[WEBHOOKS],
            open_reference_events(settings, deps) as app[REFERENCES],
            open_upstream(settings) as upstream,
            reexamining(deps),
        ):
            app[DEPS] = replace(
                deps,
                index=app[INDEX].index,
                freshness=app[INDEX].freshness,
                webhooks=app[WEBHOOKS].setup,
                upstream=upstream,
            )
            yield

    return registry


def _engine(settings: Settings, mask: Mask) -> Engine:
    return Engine(
        build_schema(),
        settings.request_limits,
        mask,
        settings.limits,
        introspection=settings.introspection,
        show_cost=settings.show_cost,
        note_errors=note_errors,
    )


def _identifier(settings: Settings, limiter: RateLimiter | None, read: ReadCredentials = read_credentials) -> Identify:
    """Finds out who is calling, for every face; `read` is how a face writes a key."""
    without_key = _without_key(settings)
    addresses = caller_addresses(settings)

    async def identify(request: web.Request) -> tuple[Deps, Access]:
        credentials = read(request)
        deps = request.app[DEPS]
        origin = origin_of(request, addresses)
        try:
            access = await authenticate(deps, credentials.bearer, credentials.actor, without_key)
        except AccessError as error:
            request[ACCESS] = knocker(error, origin)
            raise
        access = request[ACCESS] = access.at(origin)
        if limiter:
            await limiter.recognise(request, access)
        return deps, access

    return identify


def _joiner(settings: Settings, limiter: RateLimiter | None) -> JoinRequest:
    """Finds out who is calling on a socket."""
    without_key = _without_key(settings)
    addresses = caller_addresses(settings)

    async def join(request: web.Request, credentials: Credentials) -> Context:
        deps = request.app[DEPS]
        origin = origin_of(request, addresses)
        with noting(deps, "connection_init", origin):
            access = await authenticate(deps, credentials.bearer, credentials.actor, without_key)
        access = access.at(origin)
        if limiter:
            await limiter.adopt(request, access)
        url = base_url_of(settings, request)
        return Context(deps, access, settings.request_limits, charge_of(request), base_url=url)

    return join


def base_url_of(settings: Settings, request: web.Request) -> str:
    """Where the caller has reached us, or where the settings say that everybody does; without a slash at the end."""
    return (settings.public_url or str(request.url.origin())).rstrip("/")


def _without_key(settings: Settings) -> Access:
    """What a caller without a key may do."""
    return LOCAL_ACCESS if is_local(settings) else Access(actor=None, reads_public=settings.anonymous == "public")


def _wrap(settings: Settings, metrics: Metrics, mask: Mask, limiter: RateLimiter | None) -> web.Application:
    """The application with what is around every request, and no paths yet."""
    rules = OriginRules(settings.host, settings.allowed_hosts, settings.allowed_origins, local=is_local(settings))
    addresses = caller_addresses(settings)

    def note(request: web.Request, status: int) -> None:
        note_answer(request.app[DEPS], request, status, origin_of(request, addresses))

    around = middlewares(rules, mask, _new_token, limiter, addresses, note, speak_openai)
    app = web.Application(middlewares=[metrics.observe(), *around])
    app.on_response_prepare.extend(signals(rules))
    if limiter:
        app.on_cleanup.append(limiter.close)
    return app


def is_local(settings: Settings) -> bool:
    """True when whoever reaches the server is the administrator: its own database, on a loopback address."""
    return settings.mongodb_url is None and settings.host in LOOPBACK


def _new_token() -> str:
    """For requests and errors, which are many: it is made in a quarter of the time."""
    return token_hex(12)

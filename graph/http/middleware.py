"""What is around every request: its id, its line in the log, headers for its answer, JSON for its failure."""

import re
from collections.abc import Awaitable, Callable
from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from structlog.typing import FilteringBoundLogger

from graph.domain.actors import Origin
from graph.http.addresses import Addresses
from graph.http.errors import MASKED, Mask, refusal
from graph.http.origin import HEALTH_PATHS, Handler, OriginRules
from graph.http.rate_limit import RateLimiter, tell_quota

OnPrepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
NoteAnswer = Callable[[web.Request, int], None]
"""Is told the status of each answer, for the record of refusals."""
Reshape = Callable[[web.Request, web.StreamResponse], web.StreamResponse]
"""Gives an answer in the shape that the clients of its path read."""

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
REQUEST_ID_KEY = web.RequestKey("request_id", str)
POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "Server": "Promptgraph",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def middlewares(
    rules: OriginRules,
    mask: Mask,
    make_id: Callable[[], str],
    limiter: RateLimiter | None = None,
    addresses: Addresses | None = None,
    note_answer: NoteAnswer = lambda request, status: None,
    reshape: Reshape = lambda request, response: response,
) -> list[Middleware]:
    """All of them, outermost first. Their headers are written by `signals`, so that streams have them too."""
    inner: list[Middleware] = [limiter.limit] if limiter else []
    return [observe(mask, make_id, addresses or Addresses(), note_answer, reshape), rules.guard, *inner]


def origin_of(request: web.Request, addresses: Addresses) -> Origin:
    """Where a request comes from, for the record."""
    return Origin(addresses.find(request), request.get(REQUEST_ID_KEY))


def signals(rules: OriginRules) -> list[OnPrepare]:
    """What writes headers on every answer, to be appended to the application's `on_response_prepare`."""
    return [add_headers, rules.tell_browser, tell_quota]


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The request's id, and what makes browsers careful; a page has said its own policy by then."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    if request_id := request.get(REQUEST_ID_KEY):
        response.headers["X-Request-Id"] = request_id
    if request.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


def observe(
    mask: Mask,
    make_id: Callable[[], str],
    addresses: Addresses,
    note_answer: NoteAnswer = lambda request, status: None,
    reshape: Reshape = lambda request, response: response,
) -> Middleware:
    """Give the request an id, answer failures in JSON, write the log.

    The id is the caller's `X-Request-Id` where that is a plain one of at most 64 characters.
    """

    # Bound here, once: an unbound logger reads its configuration anew for every line.
    log: FilteringBoundLogger = structlog.get_logger(__name__).bind()

    @web.middleware
    async def observe_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = perf_counter()
        given = request.headers.get("X-Request-Id", "")
        request_id = request[REQUEST_ID_KEY] = given if REQUEST_ID.fullmatch(given) else make_id()
        # Each request runs in a task of its own, so this holds for its log lines only.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = _as_json(error)
        except Exception as error:  # noqa: BLE001 - the last line: logged with its id, shown masked
            response = refusal(500, MASKED, mask.hide(error))
        if response.status >= 400:
            response = reshape(request, response)
        note_answer(request, response.status)
        _write_access(log, request, response, perf_counter() - started, addresses.find(request))
        return response

    return observe_request


def _as_json(error: web.HTTPException) -> web.StreamResponse:
    """aiohttp's own refusals, such as an unknown path, in the shape of ours. Redirects stay."""
    if error.status < 400:
        return error
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    message = {404: "There is nothing at this path.", 405: "This path takes other methods."}.get(
        error.status, error.reason
    )
    code = re.sub(r"\W+", "_", error.reason).upper()
    return refusal(error.status, message, {"code": code}, headers)


def _write_access(
    log: FilteringBoundLogger, request: web.Request, response: web.StreamResponse, seconds: float, client: str
) -> None:
    """One line a request, without its query string, headers and body: those may hold secrets."""
    write = log.debug if request.path in HEALTH_PATHS else log.info
    write(
        "request",
        method=request.method,
        path=request.path,
        status=response.status,
        client=client,
        milliseconds=round(seconds * 1000, 2),
    )

"""What is around every request: its id, its line in the log, headers for its answer, JSON for its failure."""

import re
from collections.abc import Callable
from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from structlog.typing import FilteringBoundLogger

from graph.http.errors import MASKED, Mask, refusal
from graph.http.origin import HEALTH_PATHS, Handler, OriginRules

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {
    "Server": "Promptgraph",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def middlewares(rules: OriginRules, mask: Mask, make_id: Callable[[], str]) -> list[Middleware]:
    """All of them, outermost first."""
    return [observe(mask, make_id), rules.guard]


def observe(mask: Mask, make_id: Callable[[], str]) -> Middleware:
    """Give the request an id, answer failures in JSON, add the headers, write the log.

    The id is the caller's `X-Request-Id` where that is a plain one of at most 64 characters.
    """

    # Bound here, once: an unbound logger reads its configuration anew for every line.
    log: FilteringBoundLogger = structlog.get_logger(__name__).bind()

    @web.middleware
    async def observe_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = perf_counter()
        given = request.headers.get("X-Request-Id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else make_id()
        # Each request runs in a task of its own, so this holds for its log lines only.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = _as_json(error)
        except Exception as error:  # noqa: BLE001 - the last line: logged with its id, shown masked
            response = refusal(500, MASKED, mask.hide(error))
        if not response.prepared:
            response.headers["X-Request-Id"] = request_id
            response.headers.update(HEADERS)
        _write_access(log, request, response, perf_counter() - started)
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
    log: FilteringBoundLogger, request: web.Request, response: web.StreamResponse, seconds: float
) -> None:
    """One line a request, without its query string, headers and body: those may hold secrets."""
    write = log.debug if request.path in HEALTH_PATHS else log.info
    write(
        "request",
        method=request.method,
        path=request.path,
        status=response.status,
        milliseconds=round(seconds * 1000, 2),
    )

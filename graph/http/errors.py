"""What a caller may see of what went wrong.

Our own errors tell their code; anything else is masked behind an id, and the log has the rest.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiohttp import web
from graphql import GraphQLError

from graph.domain.denials import (
    AccessError,
    ForbiddenError,
    RateLimitedError,
    SubscriberTooSlowError,
    TooManySubscriptionsError,
    UnauthenticatedError,
)
from graph.domain.errors import CursorExpiredError, HistoryLostError, NotFoundError, PromptgraphError, UserError
from graph.domain.json_values import compact_json
from graph.domain.outages import UnavailableError

MASKED = "Something went wrong on our side."
LONGEST_MESSAGE = 1_000

log = structlog.get_logger(__name__)

Formatted = dict[str, Any]


class RequestRefusedError(Exception):
    """A request that is answered with an HTTP status before any GraphQL is run."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Mask:
    """Turns errors into what the caller is shown. `make_id` gives the id that stands in answer and log."""

    def __init__(self, make_id: Callable[[], str]) -> None:
        self._make_id = make_id

    def __call__(self, error: GraphQLError) -> Formatted:
        """An error of a GraphQL response: `message`, `locations`, `path`, `extensions.code`."""
        shown: Formatted = {"message": _shorten(error.message)}
        if error.locations:
            shown["locations"] = [location.formatted for location in error.locations]
        if error.path is not None:
            shown["path"] = error.path
        cause = cause_of(error)
        if isinstance(cause, PromptgraphError):
            shown["extensions"] = {**describe(cause), **(error.extensions or {})}
        elif isinstance(cause, GraphQLError) or (error.path is None and isinstance(cause, ValueError | TypeError)):
            # Without a path nothing has run: a scalar refused a variable, and its message says why.
            shown["extensions"] = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        else:
            shown["message"] = MASKED
            shown["extensions"] = self.hide(cause, path=error.path)
        return shown

    def failure(self, error: Exception) -> Formatted:
        """What is shown of an error that has ended a stream."""
        if isinstance(error, GraphQLError):
            return self(error)
        if isinstance(error, PromptgraphError):
            return {"message": error.message, "extensions": describe(error)}
        return {"message": MASKED, "extensions": self.hide(error)}

    def hide(self, error: BaseException, **where: object) -> dict[str, Any]:
        """Log an error that nobody expected; what may be shown of it."""
        error_id = self._make_id()
        log.error("unexpected error", error_id=error_id, exc_info=error, **where)
        return {"code": "INTERNAL", "errorId": error_id}


def _shorten(message: str) -> str:
    """graphql-core quotes the literal that is wrong, all of it."""
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"


def cause_of(error: GraphQLError) -> Exception:
    """What was raised first: graphql-core wraps it, sometimes more than once."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def describe(error: PromptgraphError) -> dict[str, Any]:
    """The `extensions` of one of our own errors."""
    extensions: dict[str, Any] = {"code": error.code}
    if isinstance(error, UserError) and error.path is not None:
        extensions["inputPath"] = list(error.path)
    if isinstance(error, ForbiddenError):
        extensions["requiredScope"] = error.scope
    if isinstance(error, SubscriberTooSlowError) and error.cursor is not None:
        extensions["cursor"] = error.cursor
    return extensions


def json_response(
    payload: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> web.Response:
    """A JSON answer in UTF-8."""
    body = compact_json(payload).encode()
    return web.Response(
        body=body, status=status, headers={**(headers or {}), "Content-Type": f"{media_type}; charset=utf-8"}
    )


def refusal(
    status: int,
    message: str,
    extensions: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> web.Response:
    """The one shape of every answer that is no success: a GraphQL response with one error and no data."""
    return json_response({"errors": [{"message": message, "extensions": extensions}]}, status, headers, media_type)


STATUSES: tuple[tuple[type[PromptgraphError], int], ...] = (
    (UnavailableError, 503),
    (RateLimitedError, 429),
    (UnauthenticatedError, 401),
    (AccessError, 403),
    (NotFoundError, 404),
    (CursorExpiredError, 410),
    (HistoryLostError, 410),
    (TooManySubscriptionsError, 503),
    (PromptgraphError, 400),
)


def retry_after(error: PromptgraphError) -> dict[str, str]:
    """The header that says when trying again is worth it; none where it never is."""
    if isinstance(error, RateLimitedError):
        return {"Retry-After": str(error.wait)}
    return {"Retry-After": "1"} if isinstance(error, UnavailableError | TooManySubscriptionsError) else {}


def refuse(error: PromptgraphError, media_type: str = "application/json") -> web.Response:
    """The answer to a request that was refused as a whole, with the status that says the same as its code."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else retry_after(error)
    return refusal(status, error.message, describe(error), headers, media_type)

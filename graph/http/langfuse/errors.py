"""Errors in Langfuse's shape: `{"message", "error"}`, the second the name of an error class."""

from aiohttp import web

from graph.http.errors import json_response
from graph.http.face import Fault

_NAMES = {
    400: "InvalidRequestError",
    401: "UnauthorizedError",
    403: "ForbiddenError",
    404: "LangfuseNotFoundError",
    405: "MethodNotAllowedError",
    409: "LangfuseConflictError",
    413: "PayloadTooLargeError",
    415: "InvalidRequestError",
    429: "TooManyRequestsError",
    503: "ServiceUnavailableError",
}


def tell(fault: Fault) -> web.Response:
    """The answer. `code` is ours, beside what Langfuse tells."""
    body = {
        "message": fault.message,
        "error": _NAMES.get(fault.status, "InternalServerError"),
        "code": fault.code,
        **({"errorId": fault.error_id} if fault.error_id else {}),
    }
    challenge = {"WWW-Authenticate": 'Basic realm="Promptgraph", charset="UTF-8"'} if fault.status == 401 else {}
    return json_response(body, fault.status, {**challenge, **fault.headers})

"""What is refused before the gateway sees it, such as an unknown path or too many requests, as its clients read it."""

import json

from aiohttp import web

from graph.http.openai_errors import ToldError

SERVED = ("/chat/completions", "/responses", "/models", "/feedback")
_KINDS = {401: "authentication_error", 403: "permission_error", 429: "requests"}
_CODES = {404: "unknown_url", 429: "rate_limit_exceeded"}
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
_BEGIN = b'{"errors":'


def speak_openai(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The same answer, in OpenAI's shape where the path is the gateway's and the shape is not OpenAI's yet."""
    if response.prepared or not isinstance(response, web.Response):
        return response
    body = response.body
    if not _is_gateways(request.path) or not isinstance(body, bytes) or not body.startswith(_BEGIN):
        return response
    told = json.loads(body)["errors"][0]
    status, message, code = response.status, told["message"], told["extensions"]["code"].lower()
    if status == 404:
        message = f"{message} Of OpenAI's API this server has {', '.join(f'/v1{path}' for path in SERVED)}."
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
    facts = {"error_id": told["extensions"]["errorId"]} if "errorId" in told["extensions"] else None
    return ToldError(status, message, kind, _CODES.get(status, code), headers=headers, facts=facts).response()


def _is_gateways(path: str) -> bool:
    return path == "/v1" or path.startswith("/v1/") or path.rstrip("/") in SERVED

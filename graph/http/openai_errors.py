"""Errors in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`, with its clients' statuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from graph.domain.denials import AccessError, ForbiddenError, RateLimitedError, UnauthenticatedError
from graph.domain.errors import InvalidVariableError, MissingVariablesError, NotFoundError, PromptgraphError, UserError
from graph.domain.json_values import compact_json
from graph.domain.outages import UnavailableError, UpstreamError
from graph.http.errors import MASKED, RequestRefusedError, json_response

_NOT_FOUND = {"version": "prompt_version_not_found", "prompt": "prompt_not_found", "model": "model_not_found"}


@dataclass(frozen=True, slots=True)
class ToldError:
    """An error as it is told: a status, the four fields, headers, and facts of our own beside the fields."""

    status: int
    message: str
    kind: str
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] | None = None
    facts: Mapping[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """What stands in the answer."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error | dict(self.facts or {})}

    def response(self) -> web.Response:
        """The whole answer."""
        return json_response(self.body(), self.status, self.headers)

    def event(self) -> bytes:
        """The same within a stream, where the status is told already. Clients of both endpoints raise it."""
        told = {"type": "error", **self.body(), "code": self.code, "message": self.message, "param": self.param}
        return f"event: error\ndata: {compact_json(told)}\n\n".encode()


def masked(facts: Mapping[str, Any]) -> ToldError:
    """For what nobody expected; `facts` name the line in the log."""
    return ToldError(500, MASKED, "server_error", "internal_error", facts={"error_id": facts.get("errorId")})


def tell(error: PromptgraphError | RequestRefusedError, params: Mapping[str, str]) -> ToldError:
    """What the caller is told. `params` are the wire's names for an operation's fields."""
    if isinstance(error, UpstreamError):
        headers = {"Retry-After": error.retry_after} if error.retry_after else None
        param = error.param or None
        return ToldError(error.status, error.message, error.kind, error.reason or "upstream_error", param, headers)
    if isinstance(error, UserError):
        return _tell_user_error(error, params)
    if isinstance(error, RequestRefusedError):
        kind, code = "invalid_request_error", error.code.lower()
        return ToldError(error.status, error.message, kind, code, headers=error.headers)
    if isinstance(error, RateLimitedError):
        headers = {"Retry-After": str(error.wait)}
        return ToldError(429, error.message, "requests", "rate_limit_exceeded", headers=headers)
    if isinstance(error, UnavailableError):
        return ToldError(503, error.message, "server_error", error.code.lower(), headers={"Retry-After": "1"})
    if isinstance(error, UnauthenticatedError):
        headers = {"WWW-Authenticate": "Bearer"}
        return ToldError(401, error.message, "authentication_error", "invalid_api_key", headers=headers)
    if isinstance(error, ForbiddenError):
        facts = {"required_scope": error.scope}
        return ToldError(403, error.message, "permission_error", "insufficient_scope", facts=facts)
    status = 403 if isinstance(error, AccessError) else 400
    return ToldError(status, error.message, "invalid_request_error", error.code.lower())


def _tell_user_error(error: UserError, params: Mapping[str, str]) -> ToldError:
    path = error.path or ()
    field = path[0] if path else ""
    param = params.get(field, field) or None
    kind = "invalid_request_error"
    if isinstance(error, NotFoundError):
        code = _NOT_FOUND.get(field, "not_found")
        return ToldError(404, error.message, kind, code, param)
    if isinstance(error, MissingVariablesError):
        names = [variable.name for variable in error.variables]
        return ToldError(400, error.message, kind, "missing_variables", param, facts={"variables": names})
    if isinstance(error, InvalidVariableError):
        variables = params.get("variables", "variables")
        return ToldError(400, error.message, kind, "invalid_variable", f"{variables}.{error.variable}")
    return ToldError(400, error.message, kind, "invalid_value", param)

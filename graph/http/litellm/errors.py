"""Errors in LiteLLM's shape: `{"detail": …}`, as its proxy answers."""

from aiohttp import web

from graph.http.errors import json_response
from graph.http.face import Fault


def tell(fault: Fault) -> web.Response:
    """The answer. `code` is ours, beside what LiteLLM tells."""
    told = {"detail": fault.message, "code": fault.code, **({"errorId": fault.error_id} if fault.error_id else {})}
    challenge = {"WWW-Authenticate": "Bearer"} if fault.status == 401 else {}
    return json_response(told, fault.status, {**challenge, **fault.headers})

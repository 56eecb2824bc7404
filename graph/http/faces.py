"""The faces, joined: one way to find out who calls, and each face's own way to read a key and to tell an error."""

from collections.abc import Callable

from aiohttp import web

from graph.domain.denials import RateLimitedError
from graph.domain.limits import RequestLimits
from graph.http.auth import Identify, ReadCredentials, read_credentials, read_key_pair
from graph.http.errors import Mask, refuse
from graph.http.face import Face, fault_of
from graph.http.langfuse.errors import tell as tell_langfuse
from graph.http.langfuse.routes import langfuse_routes
from graph.http.litellm.errors import tell as tell_litellm
from graph.http.litellm.routes import litellm_routes
from graph.http.openai_errors import tell as tell_openai

_OPENAI = ("/v1/", "/chat/completions", "/responses", "/models", "/feedback")


def face_routes(
    identify: Callable[[ReadCredentials], Identify], mask: Mask, limits: RequestLimits
) -> list[web.RouteDef]:
    """Everything that is served to the clients of other prompt tools."""
    langfuse = Face(identify(read_key_pair), tell_langfuse, mask, limits)
    litellm = Face(identify(read_credentials), tell_litellm, mask, limits)
    return [*langfuse_routes(langfuse), *litellm_routes(litellm)]


def tell_limited(request: web.Request, error: RateLimitedError) -> web.Response:
    """What a caller who has asked too much is told, in the shape of the face that was asked."""
    if request.path.startswith("/api/public/"):
        return tell_langfuse(fault_of(error))
    if request.path.startswith("/beta/"):
        return tell_litellm(fault_of(error))
    return tell_openai(error, {}).response() if request.path.startswith(_OPENAI) else refuse(error)

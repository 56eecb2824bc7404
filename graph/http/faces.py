"""The faces, joined: one way to find out who calls, and each face's own way to read a key and to tell an error."""

from collections.abc import Callable

from aiohttp import web

from graph.domain.limits import RequestLimits
from graph.http.auth import Identify, ReadCredentials, read_credentials, read_key_pair
from graph.http.errors import Mask
from graph.http.face import Face
from graph.http.langfuse.errors import tell as tell_langfuse
from graph.http.langfuse.routes import langfuse_routes
from graph.http.litellm.errors import tell as tell_litellm
from graph.http.litellm.routes import litellm_routes


def face_routes(
    identify: Callable[[ReadCredentials], Identify], mask: Mask, limits: RequestLimits
) -> list[web.RouteDef]:
    """Everything that is served to the clients of other prompt tools."""
    langfuse = Face(identify(read_key_pair), tell_langfuse, mask, limits)
    litellm = Face(identify(read_credentials), tell_litellm, mask, limits)
    return [*langfuse_routes(langfuse), *litellm_routes(litellm)]

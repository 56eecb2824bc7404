"""What is served under LiteLLM's paths."""

from aiohttp import web

from graph.http.face import Face
from graph.http.litellm import management


def litellm_routes(face: Face) -> list[web.RouteDef]:
    """The paths of LiteLLM."""
    return [web.get(management.PATH, face.serve(management.fetch))]

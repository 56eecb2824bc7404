"""What is served under Langfuse's paths."""

from aiohttp import web

from graph.http.face import Face
from graph.http.langfuse import prompts, session
from graph.http.langfuse.session import PROMPTS

# A folder's slash comes as %2F from the SDKs and plain from their generated clients: both are one name.
NAMED = PROMPTS + "/{name:.+}"


def langfuse_routes(face: Face) -> list[web.RouteDef]:
    """The paths below `/api/public`."""
    return [
        web.get("/api/public/health", session.tell_health),
        web.get("/api/public/projects", face.serve(session.list_projects)),
        web.get(PROMPTS, face.serve(prompts.list_all)),
        web.post(PROMPTS, face.serve(prompts.create)),
        web.route("*", PROMPTS, face.serve(session.refuse_method("GET", "HEAD", "POST"))),
        web.patch(NAMED + "/versions/{version}", face.serve(prompts.add_labels)),
        web.get(NAMED, face.serve(prompts.get)),
        web.delete(NAMED, face.serve(prompts.delete)),
        web.route("*", NAMED, face.serve(session.refuse_method("GET", "HEAD", "DELETE"))),
        web.route("*", "/api/public/{path:.*}", face.serve(session.refuse_others)),
    ]

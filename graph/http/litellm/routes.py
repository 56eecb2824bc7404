"""What is served under LiteLLM's paths."""

from aiohttp import web

from graph.http.face import Face
from graph.http.litellm import files, management, prompts, trials

NAMED = "/prompts/{name:.+}"


def litellm_routes(face: Face) -> list[web.RouteDef]:
    """The paths of LiteLLM. `GET /prompts/{name}` itself is `graph/http/plain.py`'s, so these stand before it."""
    info = prompts.unless_named("/info", prompts.tell_info)
    versions = prompts.unless_named("/versions", prompts.list_versions)
    return [
        web.get(management.PATH, face.serve(management.fetch)),
        web.get("/prompts/list", face.serve(prompts.list_all)),
        web.get(NAMED + "/info", face.serve(info)),
        web.get(NAMED + "/versions", face.serve(versions)),
        web.post("/prompts", face.serve(prompts.create)),
        web.post("/prompts/test", face.serve(trials.test)),
        web.put(NAMED, face.serve(prompts.update)),
        web.patch(NAMED, face.serve(prompts.patch)),
        web.delete(NAMED, face.serve(prompts.delete)),
        web.post("/utils/dotprompt_json_converter", face.serve(files.convert)),
    ]

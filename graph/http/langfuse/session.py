"""What Langfuse's clients ask besides prompts: whether the server is there, and whether their keys are good."""

from aiohttp import web

from graph.domain.errors import NotFoundError
from graph.http.errors import RequestRefusedError, json_response
from graph.http.face import Act, Call
from graph.http.langfuse.answers import PROJECT

PROMPTS = "/api/public/v2/prompts"
VERSION = "3.0.0"  # of the Langfuse whose prompt API this is


async def tell_health(request: web.Request) -> web.Response:
    """For anybody, as `/livez`."""
    return json_response({"status": "OK", "version": VERSION}, headers={"Cache-Control": "no-store"})


async def list_projects(call: Call) -> web.Response:
    """One project, for whoever has a good key: `auth_check()` asks for no more."""
    organization = {"id": PROJECT["id"], "name": PROJECT["name"]}
    return json_response({"data": [{**PROJECT, "organization": organization, "metadata": {}}]})


def refuse_method(*taken: str) -> Act:
    """For the other methods of a path that is served."""

    async def refuse(call: Call) -> web.Response:
        methods = ", ".join(taken)
        raise RequestRefusedError(405, "METHOD_NOT_ALLOWED", f"This path takes {methods}.", {"Allow": methods})

    return refuse


async def refuse_others(call: Call) -> web.Response:
    """Everything else of Langfuse. 404 and not 501: what sends traces tries again after a 501."""
    if "/prompts" in call.request.path:
        raise NotFoundError(
            f"There is nothing at this path. Prompts are at {PROMPTS}, each by its name behind a slash."
        )
    raise NotFoundError(
        "Promptgraph serves prompts, and keeps no traces, scores or data sets. "
        "Set LANGFUSE_TRACING_ENABLED=false, or send those to another server."
    )

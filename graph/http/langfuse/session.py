"""What Langfuse's clients ask besides prompts: whether the server is there, and whether their keys are good."""

from aiohttp import web

from graph.domain.errors import NotFoundError
from graph.http.errors import json_response
from graph.http.face import Call
from graph.http.langfuse.answers import PROJECT

VERSION = "3.0.0"  # of the Langfuse whose prompt API this is


async def tell_health(request: web.Request) -> web.Response:
    """For anybody, as `/livez`."""
    return json_response({"status": "OK", "version": VERSION}, headers={"Cache-Control": "no-store"})


async def list_projects(call: Call) -> web.Response:
    """One project, for whoever has a good key: `auth_check()` asks for no more."""
    organization = {"id": PROJECT["id"], "name": PROJECT["name"]}
    return json_response({"data": [{**PROJECT, "organization": organization, "metadata": {}}]})


async def refuse_others(call: Call) -> web.Response:
    """Everything else of Langfuse. 404 and not 501: what sends traces tries again after a 501."""
    raise NotFoundError(
        "Promptgraph serves prompts, and keeps no traces, scores or data sets. "
        "Set LANGFUSE_TRACING_ENABLED=false, or send those to another server."
    )

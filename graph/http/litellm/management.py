"""`GET /beta/litellm_prompt_management`: LiteLLM's generic prompt management API."""

from aiohttp import web

from graph.domain.errors import InvalidInputError
from graph.domain.parameters import settings_to_parameters
from graph.http.errors import json_response
from graph.http.etags import with_etag
from graph.http.face import Call
from graph.http.litellm.messages import write_messages
from graph.http.litellm.selection import select
from graph.operations.references import require_expanded

PATH = "/beta/litellm_prompt_management"


async def fetch(call: Call) -> web.Response:
    """One version. `prompt_template_model` null keeps the caller's model."""
    prompt_id = call.query("prompt_id")
    if prompt_id is None:
        raise InvalidInputError("Name a prompt: `name`, `name@7`, `name@production` or `name.v7`.", ("prompt_id",))
    found = await select(call, prompt_id)
    expanded = await require_expanded(call.deps, call.access, found.version, found.prompt.name)
    parameters = settings_to_parameters(found.version.model_settings)
    told = {
        "prompt_id": found.prompt.name,
        "prompt_template": write_messages(expanded.content),
        "prompt_template_model": parameters.pop("model", None),
        "prompt_template_optional_params": parameters,
    }
    return with_etag(call.request, json_response(told))

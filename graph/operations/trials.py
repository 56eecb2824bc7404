"""Trials: a version that is not saved, filled in and put to a model. Nothing of it is kept or counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, MissingVariablesError
from graph.domain.json_values import JSONObject, json_fault
from graph.domain.prompts import VersionDraft
from graph.domain.templates import ChatRole
from graph.operations.deps import Deps
from graph.operations.gateway import PreparedCall, prepare_call
from graph.operations.model_requests import complete_body
from graph.operations.rights import require
from graph.templating.renderer import render
from graph.templating.variables import build_content
from graph.upstream.protocol import Endpoint

_LASTING = (ChatRole.SYSTEM, ChatRole.DEVELOPER)


async def prepare_trial(
    deps: Deps, access: Access, draft: VersionDraft, values: Mapping[str, Any], history: Sequence[JSONObject] = ()
) -> PreparedCall:
    """A streaming chat completion of the draft, for `open_run`.

    `history` is a conversation that began with the draft: of the draft's messages, those of system and developer then
    stand before it. Raises InvalidInputError, InvalidVariableError and MissingVariablesError.
    """
    require(access, Scope.RENDER)
    content = build_content(draft, deps.limits)
    if fault := json_fault([dict(values), list(history)], deps.limits.json_depth + 2):
        raise InvalidInputError(f"The values or the history: one {fault}.", ("variables",))
    rendered = render(content, values, deps.limits)
    if rendered.missing:
        raise MissingVariablesError(rendered.missing)
    said = rendered.content
    if history and not isinstance(said, str):
        said = tuple(message for message in said if message.role in _LASTING)
    settings = content.model_settings
    given = {"model": settings.model if settings else None, "messages": list(history), "stream": True}
    body = complete_body(Endpoint.CHAT, given, said, settings, "trial")
    return await prepare_call(deps, access, Endpoint.CHAT, body, None)

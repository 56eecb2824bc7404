"""Trials: a version that is not saved, filled in and put to a model. Nothing of it is kept or counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, MissingVariablesError
from graph.domain.prompts import VersionDraft
from graph.domain.templates import ChatMessage, ChatRole, Content
from graph.operations.deps import Deps
from graph.operations.gateway import PreparedCall, address_call
from graph.operations.model_requests import chat_messages, complete_body
from graph.operations.references import expand_draft
from graph.operations.rendering import check_values
from graph.operations.rights import require
from graph.operations.runs import UNSAVED
from graph.templating.renderer import Rendered, render
from graph.templating.variables import build_content
from graph.upstream.protocol import Call, Endpoint

_LASTING = (ChatRole.SYSTEM, ChatRole.DEVELOPER)


async def prepare_trial(
    deps: Deps, access: Access, draft: VersionDraft, values: Mapping[str, Any], history: Sequence[ChatMessage] = ()
) -> PreparedCall:
    """A streaming chat completion of the draft, for `open_run`.

    `history` is a conversation that began with the draft: of the draft's messages, those of system and developer then
    stand before it. Raises InvalidInputError, InvalidVariableError and MissingVariablesError.
    """
    require(access, Scope.RENDER)
    if len(history) > deps.limits.messages:
        raise InvalidInputError(f"At most {deps.limits.messages} messages are sent along.", ("messages",))
    content, rendered = await _render_draft(deps, access, draft, values)
    said = rendered.content
    if history and not isinstance(said, str):
        said = tuple(message for message in said if message.role in _LASTING)
    settings = content.model_settings
    given = {"messages": chat_messages(history), "stream": True}
    body = complete_body(Endpoint.CHAT, given, said, settings, UNSAVED)
    return address_call(deps, Call(Endpoint.CHAT, body), settings.model if settings else None)


async def _render_draft(
    deps: Deps, access: Access, draft: VersionDraft, values: Mapping[str, Any]
) -> tuple[Content, Rendered]:
    content = await expand_draft(deps, access, build_content(draft, deps.limits))
    check_values(deps, values)
    rendered = render(content, values, deps.limits)
    if rendered.missing:
        raise MissingVariablesError(rendered.missing)
    return content, rendered

"""Running a prompt on a model and waiting for the answer: a saved version, or a template that is not saved yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, MissingVariablesError
from graph.domain.names import Path
from graph.domain.prompts import LATEST_VERSION, PromptSelector, VersionDraft, VersionSelector
from graph.domain.runs import Figures
from graph.domain.templates import ChatMessage, ModelSettings
from graph.operations.answers import Said, read_answer
from graph.operations.deps import Deps
from graph.operations.gateway import PreparedCall, address_call, open_run
from graph.operations.model_requests import chat_messages, chat_overrides, complete_body
from graph.operations.presence import IsWanted, always, while_wanted
from graph.operations.references import expand_draft
from graph.operations.rendering import Rendering, check_values, render_prompt
from graph.operations.rights import require
from graph.templating.renderer import Rendered, render
from graph.templating.variables import build_content
from graph.upstream.protocol import Call, Endpoint

UNSAVED = "draft"


@dataclass(frozen=True, slots=True)
class Extras:
    """What a caller adds to a prompt: messages after its own, and settings in place of its own."""

    messages: Sequence[ChatMessage] = ()
    settings: ModelSettings | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """An answer. `unused` are names of values that the template does not use.

    `rendering` is None for what is not saved.
    """

    said: Said
    figures: Figures
    unused: tuple[str, ...]
    rendering: Rendering | None


async def run_prompt(
    deps: Deps,
    access: Access,
    selector: PromptSelector,
    values: Mapping[str, Any],
    version: VersionSelector = LATEST_VERSION,
    extras: Extras = Extras(),
    is_wanted: IsWanted = always,
) -> Ran:
    """Runs a saved version, and records what it took.

    Raises what rendering does, UpstreamError, and CallerGoneError when the answer is wanted no more.
    """
    rendering = await render_prompt(deps, access, selector, values, version)
    settings = rendering.version.model_settings
    call = _call(deps, rendering.rendered.content, settings, rendering.prompt.name, extras)
    prepared = address_call(deps, call, settings.model if settings else None, rendering)
    return await _run(deps, prepared, rendering.rendered, is_wanted)


async def run_draft(
    deps: Deps,
    access: Access,
    draft: VersionDraft,
    values: Mapping[str, Any],
    extras: Extras = Extras(),
    at: Path = (),
    is_wanted: IsWanted = always,
) -> Ran:
    """Runs what is not saved, to try it; nothing is recorded. `at` is where the draft stands in the input.

    Raises InvalidInputError, InvalidVariableError, MissingVariablesError, UpstreamError, and CallerGoneError when the
    answer is wanted no more.
    """
    require(access, Scope.RENDER)
    try:
        content = await expand_draft(deps, access, build_content(draft, deps.limits))
    except InvalidInputError as error:
        error.path = (*at, *(error.path or ()))
        raise
    check_values(deps, values)
    rendered = render(content, values, deps.limits)
    if rendered.missing:
        raise MissingVariablesError(rendered.missing)
    settings = content.model_settings
    call = _call(deps, rendered.content, settings, UNSAVED, extras)
    return await _run(deps, address_call(deps, call, settings.model if settings else None), rendered, is_wanted)


def _call(
    deps: Deps, content: str | tuple[ChatMessage, ...], settings: ModelSettings | None, name: str, extras: Extras
) -> Call:
    given = chat_overrides(extras.settings, name) if extras.settings else {}
    if len(extras.messages) > deps.limits.messages:
        raise InvalidInputError(f"At most {deps.limits.messages} messages are sent along.", ("messages",))
    given["messages"] = chat_messages(extras.messages)
    return Call(Endpoint.CHAT, complete_body(Endpoint.CHAT, given, content, settings, name))


async def _run(deps: Deps, prepared: PreparedCall, rendered: Rendered, is_wanted: IsWanted) -> Ran:
    async with while_wanted(is_wanted), open_run(deps, prepared) as run:
        said = read_answer(await run.read())
    return Ran(said, run.figures, rendered.unused, prepared.rendering)

"""promptRender."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.domain.errors import NotFoundError as NoSuchPrompt
from graph.domain.names import Path
from graph.domain.prompts import PromptById, PromptSelector, VersionSelector
from graph.operations.prompts import get_prompt
from graph.operations.rendering import render_prompt
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, InvalidVariableError, MissingVariablesError, NotFoundError
from graph.schema.mutations.inputs import given, version_selector
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation
from graph.schema.scalars import NO_VALUES, VariableValues
from graph.schema.types.prompt import Rendering
from graph.schema.types.selectors import PromptBy, PromptVersionBy


@strawberry.input
class PromptRenderInput:
    """Which version of which prompt to render, and the values for its variables."""

    prompt: PromptBy
    version: PromptVersionBy | None = strawberry.field(default=UNSET, description="The latest version when left out.")
    variables: VariableValues = strawberry.field(default_factory=lambda: NO_VALUES)


PromptRenderError = Annotated[
    InvalidInputError | InvalidVariableError | MissingVariablesError | NotFoundError,
    strawberry.union("PromptRenderError"),
]


@strawberry.type
class PromptRenderPayload:
    """The rendering, or what kept it from being made."""

    rendering: Rendering | None = None
    render_id: str | None = strawberry.field(default=None, description="For `promptFeedback`.")
    errors: list[PromptRenderError] = strawberry.field(default_factory=list)


@mutation(Scope.RENDER)
@catch(PromptRenderPayload)
async def prompt_render(info: Info, input: PromptRenderInput) -> PromptRenderPayload | None:
    """Renders strictly and records the use. `PromptVersion.preview` does neither."""
    deps, access = info.context.deps, info.context.access
    prompt, version = await select_version(info, input.prompt, input.version)
    done = await render_prompt(deps, access, prompt, input.variables, version)
    rendering = Rendering.of(done.version, done.rendered, done.prompt)
    return PromptRenderPayload(rendering=rendering, render_id=done.render_id)


async def select_version(
    info: Info, by: PromptBy, version: PromptVersionBy | None, at: Path = ()
) -> tuple[PromptSelector, VersionSelector]:
    """Which prompt and version. An ID of a version is one of this prompt's, so its name must be looked up for that."""
    prompt, version = by.selector((*at, "prompt")), given(version)
    if isinstance(prompt, PromptById):
        return prompt, version_selector(version, prompt.id)
    if version is None or not given(version.id):
        return prompt, version_selector(version, prompt.name)
    found = await get_prompt(info.context.deps, info.context.access, prompt)
    if found is None:
        raise NoSuchPrompt("There is no such prompt.", ("prompt",))
    return PromptById(found.id), version_selector(version, found.id)

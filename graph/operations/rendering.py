"""Rendering: a preview without side effects, and the strict, recorded kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, MissingVariablesError, NotFoundError
from graph.domain.json_values import json_fault
from graph.domain.prompts import (
    LATEST_VERSION,
    Prompt,
    PromptSelector,
    PromptVersion,
    VersionRef,
    VersionSelector,
    select_number,
)
from graph.operations.deps import Deps
from graph.operations.prompts import get_prompt
from graph.operations.render_ids import issue_render_id
from graph.operations.rights import require
from graph.templating.renderer import Rendered, render


@dataclass(frozen=True, slots=True)
class Rendering:
    """A version, filled in. `render_id` is what feedback on it is given by."""

    prompt: Prompt
    version: PromptVersion
    rendered: Rendered
    render_id: str


def preview_version(deps: Deps, version: PromptVersion, values: Mapping[str, Any]) -> Rendered:
    """The version with the values filled in. Missing ones are told; nothing is recorded.

    Raises InvalidInputError, InvalidVariableError among them.
    """
    check_values(deps, values)
    return render(version.content, values, deps.limits)


def check_values(deps: Deps, values: Mapping[str, Any]) -> None:
    """Raises InvalidInputError for values that are no JSON that can be kept and given back."""
    if fault := json_fault(dict(values), deps.limits.json_depth):
        raise InvalidInputError(f"The values for the variables: one {fault}.", ("variables",))


async def render_prompt(
    deps: Deps,
    access: Access,
    selector: PromptSelector,
    values: Mapping[str, Any],
    version: VersionSelector = LATEST_VERSION,
) -> Rendering:
    """Renders strictly and records the use; an archived prompt still renders.

    Raises NotFoundError, InvalidInputError, InvalidVariableError and MissingVariablesError.
    """
    require(access, Scope.RENDER)
    prompt = await get_prompt(deps, access, selector)
    if prompt is None:
        raise NotFoundError("There is no such prompt.", ("prompt",))
    number = select_number(prompt, version)
    if number is None:
        raise NotFoundError("No version of the prompt answers to this selector.", ("version",))
    ref = VersionRef(prompt.id, number)
    found = (await deps.store.versions.get_many([ref])).get(ref)
    if found is None:
        raise NotFoundError("There is no such prompt.", ("prompt",))  # it was deleted this moment
    return render_version(deps, prompt, found, values)


def render_version(deps: Deps, prompt: Prompt, version: PromptVersion, values: Mapping[str, Any]) -> Rendering:
    """The same for a version at hand, whose caller has the right to it.

    Raises InvalidInputError, InvalidVariableError and MissingVariablesError.
    """
    rendered = preview_version(deps, version, values)
    if rendered.missing:
        raise MissingVariablesError(rendered.missing)
    deps.store.renders.record(version.ref, deps.clock())
    return Rendering(prompt, version, rendered, issue_render_id(deps, version.ref))

"""Rendering: a preview without side effects, and the strict, recorded kind."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.checks.redactor import redact_content
from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError, InvalidVariableError, MissingVariablesError, NotFoundError
from graph.domain.findings import Finding, FindingKind, Reaction
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
from graph.domain.templates import Content
from graph.operations.deps import Deps
from graph.operations.examinations import find_shown
from graph.operations.prompts import get_prompt
from graph.operations.references import expand_version, require_expanded
from graph.operations.render_ids import issue_render_id
from graph.operations.rights import require
from graph.templating.inclusion import Fault
from graph.templating.renderer import Rendered, render

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Rendering:
    """A version, filled in. `render_id` is what feedback on it is given by."""

    prompt: Prompt
    version: PromptVersion
    rendered: Rendered
    render_id: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What rendering would give.

    `faults` are the references that stay as they are written, `redactions` the findings that were covered.
    """

    rendered: Rendered
    faults: tuple[Fault, ...]
    redactions: tuple[Finding, ...] = ()


async def preview_version(deps: Deps, access: Access, version: PromptVersion, values: Mapping[str, Any]) -> Preview:
    """The version with the values filled in. Missing ones and broken references are told; nothing is recorded.

    What the settings say is to be redacted is covered, in the version's own texts and not in the values. Raises
    InvalidInputError, InvalidVariableError among them.
    """
    check_values(deps, values)
    expanded = await expand_version(deps, access, version)
    kinds = deps.reactions.kinds(Reaction.REDACT)
    redactions = find_shown(deps, expanded.content, kinds, values) if kinds else ()
    shown = _cover(expanded.content, kinds, values) if redactions else expanded.content
    return Preview(render(shown, values, deps.limits), expanded.faults, redactions)


def _cover(content: Content, kinds: frozenset[FindingKind], values: Mapping[str, Any]) -> Content:
    """The content with its findings covered. A value is checked against its variable, so that stays as it is."""
    covered = redact_content(content, kinds)
    pairs = zip(content.variables, covered.variables, strict=True)
    return replace(covered, variables=tuple(own if own.name in values else other for own, other in pairs))


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
    return await render_version(deps, access, prompt, found, values)


async def render_version(
    deps: Deps,
    access: Access,
    prompt: Prompt,
    version: PromptVersion,
    values: Mapping[str, Any],
    *,
    refuses_unknown: bool = False,
) -> Rendering:
    """The same for a version at hand, whose caller has the right to it.

    Raises InvalidInputError, BrokenReferenceError and InvalidVariableError among them, and MissingVariablesError. An
    unknown variable is an InvalidVariableError where that is asked for.
    """
    check_values(deps, values)
    expanded = await require_expanded(deps, access, version, prompt.name)
    rendered = render(expanded.content, values, deps.limits)
    if rendered.missing:
        raise MissingVariablesError(rendered.missing)
    if refuses_unknown and rendered.unused:
        raise _no_such_variable(rendered.unused[0], expanded.content)
    deps.store.renders.record(version.ref, deps.clock())
    return Rendering(prompt, version, rendered, issue_render_id(deps, version.ref))


def _no_such_variable(name: str, content: Content) -> InvalidVariableError:
    known = [repr(variable.name) for variable in content.variables]
    told = ", ".join(known[:MOST_TOLD]) + (f" and {len(known) - MOST_TOLD} more" * (len(known) > MOST_TOLD))
    has = f"It has {told}." if known else "It has none."
    return InvalidVariableError(f"The prompt has no variable {name!r}. {has}", name, None, ("variables", name))

"""What is new between two versions, in the words of the domain and as a diff of their canonical text."""

import json
from dataclasses import dataclass, replace

from graph.domain.limits import Limits
from graph.domain.templates import ChatMessage, Content, TextTemplate, Variable, settings_to_json
from graph.templating.diff import unified_diff


@dataclass(frozen=True, slots=True)
class Changes:
    """The way from an older version to a newer one. `text_diff` is empty when the canonical texts are equal."""

    added: tuple[Variable, ...]
    removed: tuple[Variable, ...]
    is_breaking: bool
    text_diff: str


def compare(old: Content, new: Content, limits: Limits) -> Changes:
    """Variables added (as `new` has them) and removed (as `old` had them), by name, and the rest."""
    text_diff = unified_diff(canonical_lines(old), canonical_lines(new), limits.diff_lines)
    return with_needs(Changes((), (), is_breaking=False, text_diff=text_diff), old, new)


def with_needs(changes: Changes, old: Content, new: Content) -> Changes:
    """The changes with what the two contents need, which may be more than they name themselves."""
    old_names = {variable.name for variable in old.variables}
    new_names = {variable.name for variable in new.variables}
    return replace(
        changes,
        added=tuple(variable for variable in new.variables if variable.name not in old_names),
        removed=tuple(variable for variable in old.variables if variable.name not in new_names),
        is_breaking=is_breaking(old, new),
    )


def is_breaking(old: Content, new: Content) -> bool:
    """True when a caller that fills `old` could not fill `new`, or would get another kind of answer.

    That is: a text became a chat or the other way round; a variable is new and required; one lost its
    default; one changed its type; a placeholder no longer takes system messages. A variable that is gone
    breaks nobody who renders, for unknown values are told, not refused; the gateway alone refuses them.
    """
    if old.template.kind is not new.template.kind:
        return True
    before = {variable.name: variable for variable in old.variables}
    return any(_breaks(before.get(variable.name), variable) for variable in new.variables)


def _breaks(old: Variable | None, new: Variable) -> bool:
    if old is None:
        return new.is_required
    return (
        old.type is not new.type
        or (new.is_required and not old.is_required)
        or (old.allows_system_messages and not new.allows_system_messages)
    )


def canonical_lines(content: Content) -> list[str]:
    """The content as people read it: the template, then `[variables]` by name, then `[model settings]` as JSON.

    A chat's parts have `[role]` or `[placeholder name]` above them. A part of the page that says nothing is left out.
    """
    lines = _template_lines(content)
    if content.variables:
        lines += ["", "[variables]"]
        for variable in sorted(content.variables, key=lambda variable: variable.name):
            lines += _variable_lines(variable)
    if content.model_settings:
        settings = settings_to_json(content.model_settings)
        lines += ["", "[model settings]"]
        lines += json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False).split("\n")
    return lines


def _template_lines(content: Content) -> list[str]:
    if isinstance(content.template, TextTemplate):
        return content.template.text.split("\n")
    lines: list[str] = []
    for part in content.template.parts:
        if isinstance(part, ChatMessage):
            lines += [f"[{part.role.value}]", *part.content.split("\n"), ""]
        else:
            lines += [f"[placeholder {part.name}]", ""]
    return lines[:-1]


def _variable_lines(variable: Variable) -> list[str]:
    default = "" if variable.default_value is None else f" = {variable.default_value}"
    system = ", system messages allowed" if variable.allows_system_messages else ""
    first, *more = f"{variable.name}: {variable.type.value}{system}{default}".split("\n")
    described = (variable.description or "").split("\n") if variable.description else []
    return [first, *more, *("  " + line for line in described)]

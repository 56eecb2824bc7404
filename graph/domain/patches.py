"""Changes to a prompt's own facts: what may be changed, how it is applied, and how it is told."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject, same_json
from graph.domain.limits import Limits
from graph.domain.names import clean_tags, last_segment
from graph.domain.prompts import Prompt, Visibility
from graph.domain.rules import clean_category, clean_description, clean_json, clean_title


class Unset:
    """Stands for a field that was left out, which is not the same as None."""


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class PromptPatch:
    """The facts to change; UNSET leaves one as it is and None clears it."""

    title: str | Unset | None = UNSET
    description: str | Unset | None = UNSET
    category: str | Unset | None = UNSET
    tags: tuple[str, ...] | Unset | None = UNSET
    metadata: JSONObject | Unset | None = UNSET
    visibility: Visibility | Unset | None = UNSET


def patcher(patch: PromptPatch, limits: Limits) -> Callable[[Prompt], Prompt]:
    """Cleans the patch, before a prompt is looked for, and gives what applies it to one. Raises InvalidInputError."""
    given: dict[str, Any] = {
        field.name: value for field in fields(patch) if (value := getattr(patch, field.name)) is not UNSET
    }
    cleaners: dict[str, Callable[[Any], Any]] = {
        "title": lambda title: clean_title(title, limits),
        "description": lambda text: clean_description(text, limits),
        "category": lambda category: clean_category(category, limits),
        "tags": lambda tags: clean_tags(tags or (), limits),
        "metadata": lambda metadata: clean_json(metadata or {}, limits, "Metadata", ("metadata",)),
        "visibility": _clean_visibility,
    }
    cleaned = {name: cleaners[name](value) for name, value in given.items()}

    def apply(prompt: Prompt) -> Prompt:
        if cleaned.get("title", prompt.title) is None:
            return replace(prompt, **{**cleaned, "title": last_segment(prompt.name)})
        return replace(prompt, **cleaned)

    return apply


def _clean_visibility(visibility: Visibility | None) -> Visibility:
    if visibility is None:
        raise InvalidInputError("A prompt's visibility cannot be cleared: give PUBLIC or PRIVATE.", ("visibility",))
    return visibility


def difference(before: Prompt, after: Prompt) -> JSONObject:
    """Old and new values of the short facts that changed; of long ones only that they did."""
    changed = [
        name for name in ("title", "category", "tags", "visibility") if getattr(before, name) != getattr(after, name)
    ]
    told: JSONObject = {
        name: {"from": _plain(getattr(before, name)), "to": _plain(getattr(after, name))} for name in changed
    }
    if before.description != after.description:
        told["description"] = {}
    if not same_json(before.metadata, after.metadata):
        told["metadata"] = {}
    return told


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

"""What makes a prompt's facts and a version's settings valid. Each rule raises InvalidInputError with its path."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from graph.domain.errors import InvalidInputError
from graph.domain.feed import EventFilter
from graph.domain.json_values import JSONObject, compact_json, json_fault
from graph.domain.limits import Limits
from graph.domain.names import Path, clean_folder, clean_line, clean_prompt_name, clean_tags, clean_text, normalize
from graph.domain.prompts import PromptDraft
from graph.domain.queries import PromptFilter
from graph.domain.templates import ModelSettings


def clean_prompt(draft: PromptDraft, limits: Limits) -> PromptDraft:
    """The draft with its own facts valid and normalized; its version is checked by `templating`."""
    return replace(
        draft,
        name=clean_prompt_name(draft.name, limits),
        title=clean_title(draft.title, limits),
        description=clean_description(draft.description, limits),
        category=clean_category(draft.category, limits),
        tags=clean_tags(draft.tags, limits),
        metadata=clean_json(draft.metadata, limits, "Metadata", ("metadata",)),
    )


def clean_title(title: str | None, limits: Limits) -> str | None:
    """One line, or None for the default: the name's last segment."""
    return None if title is None else clean_line(title, limits.title, "A title", ("title",))


def clean_description(description: str | None, limits: Limits) -> str | None:
    """Any text; the empty one is none."""
    return (
        clean_text(description, limits.description, "A description", ("description",)) or None if description else None
    )


def clean_category(category: str | None, limits: Limits) -> str | None:
    """One line, or None."""
    return None if category is None else clean_line(category, limits.category, "A category", ("category",))


def clean_note(note: str | None, limits: Limits) -> str | None:
    """Any text; the empty one is none."""
    return clean_text(note, limits.change_note, "A change note", ("changeNote",)) or None if note else None


def clean_score(score: int) -> int:
    """1 to 5."""
    if not 1 <= score <= 5:
        raise InvalidInputError(f"A score is from 1 to 5; this is {score}.", ("score",))
    return score


def clean_comment(comment: str | None, limits: Limits) -> str | None:
    """Any text; the empty one is none."""
    return clean_text(comment, limits.comment, "A comment", ("comment",)) or None if comment else None


def clean_json(value: JSONObject, limits: Limits, what: str, path: Path) -> JSONObject:
    """The object as it is, when it can be kept and given back unchanged within the bounds."""
    if not isinstance(value, dict):
        raise InvalidInputError(f"{what} must be a JSON object.", path)
    if fault := json_fault(value, limits.json_depth):
        raise InvalidInputError(f"{what} {fault}.", path)
    if (size := len(compact_json(value).encode())) > limits.json_bytes:
        raise InvalidInputError(f"{what} has at most {limits.json_bytes} bytes as JSON; this has {size}.", path)
    return value


def clean_settings(settings: ModelSettings | None, limits: Limits) -> ModelSettings | None:
    """The settings as they are, when each is in its bounds; settings that say nothing are none."""
    if settings is None or settings == ModelSettings():
        return None
    path = ("modelSettings",)
    if settings.model is not None:
        clean_line(settings.model, limits.title, "A model's name", (*path, "model"))
    for name, number in (("temperature", settings.temperature), ("topP", settings.top_p)):
        if number is not None and not (math.isfinite(number) and number >= 0):
            raise InvalidInputError(f"`{name}` is a number from 0 up.", (*path, name))
    if settings.max_output_tokens is not None and settings.max_output_tokens < 1:
        raise InvalidInputError("`maxOutputTokens` is at least 1.", (*path, "maxOutputTokens"))
    for index, tool in enumerate(settings.tools):
        clean_json(tool, limits, "A tool", (*path, "tools", str(index)))
    clean_json({"tools": list(settings.tools)}, replace(limits, json_depth=limits.json_depth + 2), "Tools", path)
    if settings.response_schema is not None:
        clean_json(settings.response_schema, limits, "A response schema", (*path, "responseSchema"))
    clean_json(settings.extra, limits, "Extra parameters", (*path, "extra"))
    return settings


def clean_filter(where: PromptFilter, limits: Limits) -> PromptFilter:
    """The filter with its folders as names, when no field asks for more values than may be."""
    _check_counts((where.tags, where.author_ids, where.categories, where.folders, where.labels, where.names), limits)
    return replace(
        where,
        tags=_normal(where.tags),
        categories=_normal(where.categories),
        names=_normal(where.names),
        folders=_folders(where.folders, limits),
    )


def clean_event_filter(where: EventFilter, limits: Limits) -> EventFilter:
    """The same for a filter of events."""
    _check_counts((where.prompt_ids, where.folders, where.tags, where.labels, where.kinds), limits)
    return replace(where, tags=_normal(where.tags), folders=_folders(where.folders, limits))


def _check_counts(fields: Iterable[Sequence[str] | None], limits: Limits) -> None:
    most = max((len(values) for values in fields if values), default=0)
    if most > limits.filter_values:
        raise InvalidInputError(
            f"A filter takes at most {limits.filter_values} values a field; these are {most}.", ("filter",)
        )


def _folders(folders: tuple[str, ...] | None, limits: Limits) -> tuple[str, ...] | None:
    return None if folders is None else tuple(clean_folder(one, limits, ("filter",)) for one in folders)


def _normal(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(normalize(value) for value in values)

"""Prompts as Langfuse's clients read them. Text goes out in its notation, which knows no escapes."""

from collections.abc import Callable
from typing import Any

from graph.domain.parameters import settings_to_parameters
from graph.domain.prompts import LATEST, Prompt, PromptVersion
from graph.domain.templates import ChatPart, MessagesPlaceholder, PromptTemplate, TextTemplate
from graph.exchange.shapes import write_time
from graph.http.langfuse.reading import PRODUCTION
from graph.schema.node import version_id
from graph.templating.plain import write_plain

PROJECT = {"id": "promptgraph", "name": "Promptgraph"}


def write_version(prompt: Prompt, version: PromptVersion) -> dict[str, Any]:
    """One version of a prompt. `resolutionGraph` is null: nothing in it stands for another prompt."""
    labels = write_labels(prompt, lambda number: number == version.number)
    return {
        "id": version_id(version.ref),
        "createdAt": write_time(version.created_at),
        "updatedAt": write_time(max(version.created_at, prompt.updated_at)),
        "projectId": PROJECT["id"],
        "createdBy": version.author_id or "API",
        "name": prompt.name,
        "version": version.number,
        "type": version.template.kind.value,
        "prompt": _write_template(version.template),
        "config": settings_to_parameters(version.model_settings),
        "labels": labels,
        "tags": list(prompt.tags),
        "commitMessage": version.change_note,
        "resolutionGraph": None,
        "isActive": PRODUCTION in labels,
    }


def write_summary(prompt: Prompt, versions: list[int], newest: PromptVersion) -> dict[str, Any]:
    """One line of the list, about those of the prompt's versions that were asked for; `newest` is the last of them."""
    return {
        "name": prompt.name,
        "type": newest.template.kind.value,
        "versions": versions,
        "labels": write_labels(prompt, set(versions).__contains__),
        "tags": list(prompt.tags),
        "lastUpdatedAt": write_time(prompt.updated_at),
        "lastConfig": settings_to_parameters(newest.model_settings),
    }


def write_labels(prompt: Prompt, is_meant: Callable[[int], bool]) -> list[str]:
    """The labels that point at the versions meant, `latest` among them where it does."""
    labels = sorted(label.name for label in prompt.labels.values() if is_meant(label.version))
    return [*labels, LATEST] if is_meant(prompt.latest) else labels


def _write_template(template: PromptTemplate) -> str | list[dict[str, str]]:
    if isinstance(template, TextTemplate):
        return write_plain(template.text)
    return [_write_part(part) for part in template.parts]


def _write_part(part: ChatPart) -> dict[str, str]:
    if isinstance(part, MessagesPlaceholder):
        return {"type": "placeholder", "name": part.name}
    return {"type": "chatmessage", "role": part.role.value, "content": write_plain(part.content)}

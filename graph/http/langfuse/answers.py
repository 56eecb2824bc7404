"""Prompts as Langfuse's clients read them. Text goes out in its notation, which knows no escapes."""

from collections.abc import Callable
from typing import Any

from graph.domain.parameters import settings_to_parameters
from graph.domain.prompts import LATEST, Prompt, PromptVersion
from graph.domain.templates import ChatPart, MessagesPlaceholder, PromptTemplate, TextTemplate
from graph.exchange.langfuse_references import write_text
from graph.exchange.shapes import write_time
from graph.http.langfuse.reading import PRODUCTION
from graph.schema.node import version_id
from graph.templating.inclusion import Expanded, Included

PROJECT = {"id": "promptgraph", "name": "Promptgraph"}


def write_version(prompt: Prompt, version: PromptVersion, expanded: Expanded | None = None) -> dict[str, Any]:
    """One version of a prompt: with all that it includes where that is given, else raw, without a graph."""
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
        "prompt": _write_template(expanded.content.template if expanded else version.template),
        "config": settings_to_parameters(version.model_settings),
        "labels": labels,
        "tags": list(prompt.tags),
        "commitMessage": version.change_note,
        "resolutionGraph": _write_graph(prompt, version, expanded) if expanded and expanded.children else None,
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


def _write_graph(prompt: Prompt, version: PromptVersion, expanded: Expanded) -> dict[str, Any]:
    return {
        "root": _write_node(Included(prompt.name, version)),
        "dependencies": {
            version_id(ref): [_write_node(child) for child in children]
            for ref, children in {version.ref: expanded.children, **expanded.graph}.items()
            if children
        },
    }


def _write_node(included: Included) -> dict[str, Any]:
    version = included.version
    return {"id": version_id(version.ref), "name": included.name, "version": version.number}


def _write_template(template: PromptTemplate) -> str | list[dict[str, str]]:
    if isinstance(template, TextTemplate):
        return write_text(template.text)
    return [_write_part(part) for part in template.parts]


def _write_part(part: ChatPart) -> dict[str, str]:
    if isinstance(part, MessagesPlaceholder):
        return {"type": "placeholder", "name": part.name}
    return {"type": "chatmessage", "role": part.role.value, "content": write_text(part.content)}

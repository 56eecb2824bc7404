"""How prompts and versions lie in documents.

The callers' own JSON (metadata, model settings) is kept as JSON text: a document's keys may then be anything, as
`$set`, `a.b` or `__proto__`, and 1 stays apart from 1.0. See docs/decisions/0003.
"""

import json
from typing import Any

from graph.domain.events import Event, EventKind, Sight
from graph.domain.findings import examination_from_json, examination_to_json
from graph.domain.json_values import compact_json
from graph.domain.prompts import Label, Prompt, PromptVersion, VersionRef, Visibility
from graph.domain.ratings import RatingSummary
from graph.domain.templates import (
    Content,
    settings_from_json,
    settings_to_json,
    template_from_json,
    template_to_json,
    variable_from_json,
    variable_to_json,
)

Document = dict[str, Any]

WITHOUT_VERSIONS: Document = {"versions": 0}


def prompt_to_document(prompt: Prompt) -> Document:
    """The prompt's own facts; its versions lie beside them."""
    forked = prompt.forked_from
    return {
        "_id": prompt.id,
        "name": prompt.name,
        "title": prompt.title,
        "description": prompt.description,
        "category": prompt.category,
        "tags": list(prompt.tags),
        "metadata": compact_json(prompt.metadata),
        "visibility": prompt.visibility.value,
        "labels": [_label_to_document(label) for _, label in sorted(prompt.labels.items())],
        "latest": prompt.latest,
        "latest_digest": prompt.latest_digest,
        "rating": summary_to_document(prompt.rating),
        "author": prompt.author_id,
        "forked_from": {"prompt_id": forked.prompt_id, "number": forked.number} if forked else None,
        "created_at": prompt.created_at,
        "updated_at": prompt.updated_at,
        "archived_at": prompt.archived_at,
        "rev": prompt.revision,
    }


def prompt_from_document(document: Document) -> Prompt:
    """The inverse of `prompt_to_document`, with the usage that is counted beside."""
    forked = document["forked_from"]
    metadata = document["metadata"]
    return Prompt(
        id=document["_id"],
        name=document["name"],
        title=document["title"],
        description=document["description"],
        category=document["category"],
        tags=tuple(document["tags"]),
        metadata={} if metadata == "{}" else json.loads(metadata),
        visibility=Visibility(document["visibility"]),
        labels={one["name"]: _label_from_document(one) for one in document["labels"]},
        latest=document["latest"],
        latest_digest=document["latest_digest"],
        rating=summary_from_document(document["rating"]),
        usage_count=document.get("usage_count", 0),
        author_id=document["author"],
        forked_from=VersionRef(forked["prompt_id"], forked["number"]) if forked else None,
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        archived_at=document["archived_at"],
        revision=document["rev"],
    )


def difference(before: Prompt, after: Prompt) -> Document:
    """The fields of `after` that are not as they were, to be set."""
    old, new = prompt_to_document(before), prompt_to_document(after)
    return {key: value for key, value in new.items() if old[key] != value}


def _label_to_document(label: Label) -> Document:
    return {"name": label.name, "version": label.version, "moved_at": label.moved_at, "moved_by": label.moved_by}


def _label_from_document(document: Document) -> Label:
    return Label(document["name"], document["version"], document["moved_at"], document["moved_by"])


def summary_to_document(summary: RatingSummary) -> Document:
    """The histogram, and what is read off it for sorting."""
    return {
        "histogram": list(summary.histogram),
        "count": summary.count,
        "sum": summary.sum,
        "wilson": summary.wilson,
    }


def summary_from_document(document: Document) -> RatingSummary:
    """The histogram says it all."""
    one, two, three, four, five = document["histogram"]
    return RatingSummary((one, two, three, four, five))


def version_to_document(version: PromptVersion) -> Document:
    """A version as it lies in its prompt's history or in an archive. It never changes afterwards."""
    settings = version.model_settings
    document: Document = {
        "number": version.number,
        "template": template_to_json(version.template),
        "variables": [variable_to_json(variable) for variable in version.variables],
        "model": settings.model if settings else None,
        "model_settings": compact_json(settings_to_json(settings)) if settings else None,
        "change_note": version.change_note,
        "digest": version.digest,
        "created_at": version.created_at,
        "author": version.author_id,
    }
    if version.examination:
        document["checks"] = examination_to_json(version.examination)
    return document


def version_from_document(prompt_id: str, document: Document) -> PromptVersion:
    """The inverse of `version_to_document`."""
    settings, checks = document["model_settings"], document.get("checks")
    return PromptVersion(
        prompt_id=prompt_id,
        number=document["number"],
        content=Content(
            template=template_from_json(document["template"]),
            variables=tuple(variable_from_json(variable) for variable in document["variables"]),
            model_settings=settings_from_json(json.loads(settings)) if settings else None,
        ),
        digest=document["digest"],
        change_note=document["change_note"],
        created_at=document["created_at"],
        author_id=document["author"],
        examination=examination_from_json(checks) if checks else None,
    )


def sight_to_document(sight: Sight | None) -> Document | None:
    """What an event keeps of the prompt."""
    if sight is None:
        return None
    return {
        "name": sight.name,
        "tags": list(sight.tags),
        "labels": list(sight.labels),
        "visibility": sight.visibility.value,
    }


def sight_from_document(document: Document | None) -> Sight | None:
    """The inverse of `sight_to_document`."""
    if document is None:
        return None
    return Sight(
        document["name"], tuple(document["tags"]), tuple(document["labels"]), Visibility(document["visibility"])
    )


def event_from_document(document: Document) -> Event:
    """An event as the log holds it, with its `seq` when it has one yet."""
    return Event(
        id=document["_id"],
        kind=EventKind(document["kind"]),
        prompt_id=document["prompt_id"],
        revision=document["rev"],
        actor_id=document["actor"],
        key_id=document["key"],
        at=document["at"],
        before=sight_from_document(document["before"]),
        after=sight_from_document(document["after"]),
        change=document["change"],
        seq=document.get("seq"),
    )

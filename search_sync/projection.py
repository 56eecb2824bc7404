"""What of a prompt can be found: a document of the collection `prompts` as the index holds it.

The latest version is the last of those embedded in the prompt, whatever older ones have moved to the archives.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from search_sync.index.document import SearchDocument

Document = dict[str, Any]

PROJECTION_VERSION = 2
"""Grows with every change to what `project` makes of a prompt, so that each index is built anew."""

PROJECTION: Document = {
    **dict.fromkeys(
        (
            "rev",
            "name",
            "title",
            "description",
            "tags",
            "category",
            "author",
            "visibility",
            "labels.name",
            "rating.count",
            "rating.sum",
            "rating.wilson",
            "usage_count",
            "created_at",
            "updated_at",
            "archived_at",
        ),
        1,
    ),
    "versions": {"$slice": -1},
}
"""What to ask MongoDB for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class ProjectionError(Exception):
    """The document is not one that the store writes; the message says what is wrong."""


def project(document: Document, text_characters: int) -> SearchDocument:
    """The prompt as it can be found. Raises ProjectionError. `text_characters` bounds the text."""
    try:
        return _project(document, text_characters)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ProjectionError(f"The document is not a prompt's: {type(error).__name__}: {error}"[:500]) from error


def make_fingerprint(layout: str, text_characters: int) -> str:
    """Names the projection, all that it depends on and the index's layout: with another one it is built anew."""
    return hashlib.sha256(f"{PROJECTION_VERSION}:{text_characters}:{layout}".encode()).hexdigest()[:16]


def _project(document: Document, text_characters: int) -> SearchDocument:
    version, rating = document["versions"][-1], document["rating"]
    return SearchDocument(
        id=_text(document["_id"]),
        rev=int(document["rev"]),
        name=_text(document["name"]),
        title=_text(document["title"]),
        description=_text(document["description"] or ""),
        tags=_texts(document["tags"]),
        variables=_texts([variable["name"] for variable in version["variables"]]),
        text=_join(version["template"])[:text_characters],
        category=document["category"],
        author=document["author"],
        folders=_folders(document["name"]),
        kind="text" if "text" in version["template"] else "chat",
        labels=_texts([label["name"] for label in document["labels"]]),
        model=version["model"],
        findings=_texts(version["checks"]["kinds"]) if "checks" in version else (),
        average=rating["sum"] / rating["count"] if rating["count"] else None,
        wilson=float(rating["wilson"]),
        usage=int(document.get("usage_count", 0)),
        created_at=_milliseconds(document["created_at"]),
        updated_at=_milliseconds(document["updated_at"]),
        is_archived=document["archived_at"] is not None,
        is_public=document["visibility"] == "public",
    )


def _join(template: Document) -> str:
    if "text" in template:
        return _text(template["text"])
    return "\n\n".join(_text(part["content"]) for part in template["chat"] if "content" in part)


def _folders(name: str) -> tuple[str, ...]:
    segments = name.split("/")
    return tuple("/".join(segments[:depth]) for depth in range(1, len(segments)))


def _text(value: Any) -> str:
    if type(value) is not str:  # a StrangeId is one of its own
        raise TypeError(f"text is expected, not {type(value).__name__}")
    return value


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple([_text(value) for value in values])


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND

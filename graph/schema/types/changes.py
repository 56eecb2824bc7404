"""What differs between two versions, as far as it needs no other type."""

from typing import Any

import strawberry

from graph.schema.types.template import Variable
from graph.templating.changes import Changes


@strawberry.type
class ChangesFacts:
    """The plain part of `VersionChanges`."""

    added_variables: list[Variable]
    removed_variables: list[Variable]
    is_breaking: bool = strawberry.field(
        description="True when a caller that fills the older version's variables could no longer fill this one, "
        "or would get a chat for a text or a text for a chat."
    )
    text_diff: str = strawberry.field(description="Unified diff of the canonical text, three lines of context.")


def told(changes: Changes) -> dict[str, Any]:
    """The plain part of what the comparison found, by field."""
    return {
        "added_variables": [Variable.of(variable) for variable in changes.added],
        "removed_variables": [Variable.of(variable) for variable in changes.removed],
        "is_breaking": changes.is_breaking,
        "text_diff": changes.text_diff,
    }

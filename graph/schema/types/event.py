"""Changes as they are told: by the log, by subscriptions, and by whatever else reads the feed."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import Private

from graph.domain.events import EventKind
from graph.domain.feed import EventFilter, Place, ResetReason, Told
from graph.domain.prompts import VersionRef
from graph.operations.deps import Deps
from graph.operations.feed import cursor_of
from graph.schema.context import Info
from graph.schema.fields import resolved
from graph.schema.node import prompt_id, read_prompt_id
from graph.schema.types.enums import publish
from graph.schema.types.prompt import Prompt, PromptVersion

PromptEventKind = publish(
    EventKind,
    "What happened to the prompt.",
    name="PromptEventKind",
    CREATED="With its first version: one event.",
    REFERENCE_CHANGED="What its newest or a labelled version includes, on any level, means something else: "
    "one event a cause.",
)
StreamResetReason = publish(
    ResetReason,
    "Why a stream cannot go on.",
    name="StreamResetReason",
    CURSOR_EXPIRED="What comes after the cursor has been removed, as the server's retention says.",
    HISTORY_LOST="The feed ends before the cursor: the registry is not the one, or not as it was, that gave it.",
)


@strawberry.input
class PromptEventFilter:
    """Different fields narrow together; within a field any one will do."""

    prompt_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These prompts only.")
    folders: list[str] | None = strawberry.field(default=None, description="A folder and all below it.")
    tags: list[str] | None = None
    labels: list[str] | None = None
    kinds: list[EventKind] | None = strawberry.field(default=None, description="These kinds of changes only.")

    def to_domain(self) -> EventFilter:
        """In the words of the domain. Raises InvalidInputError for an id that is no prompt's."""
        return EventFilter(
            prompt_ids=_prompt_ids(self.prompt_ids),
            folders=_tuple(self.folders),
            tags=_tuple(self.tags),
            labels=_tuple(self.labels),
            kinds=None if self.kinds is None else tuple(self.kinds),
        )


@strawberry.interface
class StreamMessage:
    """One message of a resumable stream."""

    cursor: str = strawberry.field(description="Give the last one you have acted on back as `after` to go on from it.")
    place: Private[Place | None] = None


@strawberry.type
class StreamCheckpoint(StreamMessage):
    """Nothing to tell; the cursor has moved on. Sent at least every 30 seconds."""


@strawberry.type
class StreamReset(StreamMessage):
    """The stream cannot go on from the cursor that was given."""

    reason: ResetReason = strawberry.field(description="Why it cannot.")


@strawberry.interface
class PromptEvent(StreamMessage):
    """A change to one prompt. New kinds may be added: keep a default branch."""

    occurred_at: datetime = strawberry.field(description="When the change was made.")
    kind: EventKind = strawberry.field(description="What happened.")
    prompt_id: strawberry.ID = strawberry.field(description="Of the prompt that changed, which may be gone.")
    is_in_scope: bool = strawberry.field(
        description="False when with this change the prompt left the filter or the caller's sight: a mirror drops it."
    )
    held: Private[Told]

    @resolved
    async def prompt(self, info: Info) -> Prompt | None:
        """As it is now, not as it was then; null when it is gone or no longer visible."""
        if not self.is_in_scope:
            return None
        found = await info.context.loaders.prompt.load(self.held.event.prompt_id)
        return Prompt.of(found) if found else None


@strawberry.type
class PromptChangedEvent(PromptEvent):
    """Any change but the two that have types of their own."""


@strawberry.type
class PromptVersionCreatedEvent(PromptEvent):
    """A new version."""

    number: int = strawberry.field(description="The version's.")

    @resolved
    async def version(self, info: Info) -> PromptVersion | None:
        """The new version; null when the prompt is gone or no longer visible."""
        loaders, event = info.context.loaders, self.held.event
        prompt = await loaders.prompt.load(event.prompt_id) if self.is_in_scope else None
        found = await loaders.version.load(VersionRef(prompt.id, self.number)) if prompt else None
        return PromptVersion.of(found, prompt) if found else None


@strawberry.type
class PromptLabelEvent(PromptEvent):
    """A label was set, moved or removed."""

    label_name: str = strawberry.field(description="The label's.")
    version_number: int | None = strawberry.field(description="Null when the label was removed.")


EVENT_TYPES = (StreamCheckpoint, StreamReset, PromptChangedEvent, PromptVersionCreatedEvent, PromptLabelEvent)


def event_of(deps: Deps, told: Told) -> PromptChangedEvent | PromptVersionCreatedEvent | PromptLabelEvent:
    """Of an event that has its number, as what it is."""
    event, change = told.event, told.event.change
    assert event.seq is not None, "only numbered events are in the feed"
    facts: dict[str, Any] = {
        "cursor": cursor_of(deps, event.seq),
        "occurred_at": event.at,
        "kind": event.kind,
        "prompt_id": prompt_id(event.prompt_id),
        "is_in_scope": told.is_in_scope,
        "held": told,
    }
    if event.kind is EventKind.VERSION_CREATED:
        return PromptVersionCreatedEvent(**facts, number=change["number"])
    if event.kind in (EventKind.LABEL_SET, EventKind.LABEL_REMOVED):
        return PromptLabelEvent(**facts, label_name=change["label"], version_number=change["to"])
    return PromptChangedEvent(**facts)


def _prompt_ids(ids: list[strawberry.ID] | None) -> tuple[str, ...] | None:
    if ids is None:
        return None
    return tuple(read_prompt_id(value, ("filter", "promptIds", str(index))) for index, value in enumerate(ids))


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)

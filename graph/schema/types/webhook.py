"""Webhooks as their owners see them, and the log of their deliveries."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry import Private

from graph.domain import webhooks as domain
from graph.domain.events import EventKind
from graph.domain.feed import EventFilter
from graph.domain.webhooks import DeliveryState, PauseReason, WebhookState
from graph.operations.feed import cursor_of
from graph.operations.webhooks import count_deliveries, count_webhooks, page_deliveries, page_webhooks
from graph.schema.connections import Connection, Listing, Window, listed, milliseconds
from graph.schema.context import Info
from graph.schema.fields import Eventually, resolved
from graph.schema.node import Node, encode_id, prompt_id
from graph.schema.types.actor import Actor, load_actor
from graph.schema.types.enums import publish
from graph.schema.types.prompt import Prompt

publish(
    WebhookState,
    "Whether a webhook is sent anything.",
    PAUSED="What happens meanwhile is sent when the webhook is active again.",
)
publish(
    PauseReason,
    "Why a webhook is sent nothing.",
    name="WebhookPauseReason",
    OWNER="By `webhookUpdate`.",
    RECEIVER_GONE="The receiver answered 410.",
    RECEIVER_FAILING="Nothing could be delivered for a day, or what the server's setting says.",
    KEY_ENDED="The key that it was set with is revoked or expired, or may no longer read events. Its owner's next "
    "`webhookUpdate` with `state: ACTIVE` gives it the key that this is done with.",
    SECRET_LOST="The server's signing key is another one: rotate the secret, then resume.",
    CURSOR_EXPIRED="What comes next for it has been removed from the log: go on from another place by `webhookReplay`.",
    HISTORY_LOST="The feed ends before its cursor: go on from another place by `webhookReplay`.",
)
publish(
    DeliveryState,
    "What became of a delivery.",
    name="WebhookDeliveryState",
    WAITING="To be sent, or to be sent again.",
    FAILED="Given up: refused for a day, while other deliveries went well. `webhookReplay` sends it again.",
    SKIPPED="Not sent: the webhook's key may no longer read the prompt, or the event is gone.",
)


@strawberry.type
class WebhookFilter:
    """Which events a webhook is told of. Different fields narrow together; within a field any one will do."""

    prompt_ids: list[strawberry.ID] | None = strawberry.field(description="Null for prompts of any ID.")
    folders: list[str] | None = strawberry.field(description="Null for all; each means all below it.")
    tags: list[str] | None
    labels: list[str] | None
    kinds: list[EventKind] | None = strawberry.field(description="Null for changes of any kind.")

    @classmethod
    def of(cls, where: EventFilter) -> Self:
        """Of the domain's filter."""
        return cls(
            prompt_ids=None if where.prompt_ids is None else [prompt_id(one) for one in where.prompt_ids],
            folders=None if where.folders is None else list(where.folders),
            tags=None if where.tags is None else list(where.tags),
            labels=None if where.labels is None else list(where.labels),
            kinds=None if where.kinds is None else list(where.kinds),
        )


@strawberry.type
class WebhookAttempt:
    """One request to a webhook's URL."""

    at: datetime = strawberry.field(description="When it was made.")
    status: int | None = strawberry.field(description="Of the answer; null when there was none.")
    latency_milliseconds: int = strawberry.field(description="Until the answer, or until it was given up.")
    error: str | None = strawberry.field(description="Null when it was delivered, which any 2xx says.")

    @classmethod
    def of(cls, attempt: domain.Attempt) -> Self:
        """Of the domain's attempt."""
        return cls(at=attempt.at, status=attempt.status, latency_milliseconds=attempt.latency_ms, error=attempt.error)


@strawberry.type
class WebhookDelivery:
    """One event for one webhook. Its headers and body are made anew for each attempt."""

    message_id: str = strawberry.field(description="The `webhook-id`: the same for every attempt and in every replay.")
    kind: EventKind = strawberry.field(description="What happened.")
    prompt_id: strawberry.ID = strawberry.field(description="Of the prompt that changed, which may be gone.")
    state: DeliveryState = strawberry.field(description="What became of it.")
    attempt_count: int = strawberry.field(description="How often it was tried; `attempts` may have fewer.")
    attempts: list[WebhookAttempt] = strawberry.field(description="The last ones, oldest first.")
    created_at: datetime
    next_attempt_at: datetime | None = strawberry.field(
        description="Null when it is over, or waits for its turn: of one prompt's, only the oldest is sent."
    )
    finished_at: datetime | None = strawberry.field(description="Null while it waits.")
    held: Private[domain.Delivery]

    @classmethod
    def of(cls, delivery: domain.Delivery) -> Self:
        """Of the domain's delivery."""
        return cls(
            message_id=delivery.message_id,
            kind=delivery.kind,
            prompt_id=prompt_id(delivery.prompt_id),
            state=delivery.state,
            attempt_count=delivery.attempt_count,
            attempts=[WebhookAttempt.of(attempt) for attempt in delivery.attempts],
            created_at=delivery.created_at,
            next_attempt_at=delivery.next_at,
            finished_at=delivery.finished_at,
            held=delivery,
        )

    @resolved
    def cursor(self, info: Info) -> str:
        """The event's place in the feed: `webhookReplay` after it sends what came next."""
        return cursor_of(info.context.deps, self.held.seq)

    @resolved
    async def prompt(self, info: Info) -> Prompt | None:
        """As it is now; null when it is gone or not visible to the caller."""
        found = await info.context.loaders.prompt.load(self.held.prompt_id)
        return Prompt.of(found) if found else None


@strawberry.type
class Webhook(Node):
    """A URL that is told of events, signed by Standard Webhooks. Its secret was shown once and is kept nowhere."""

    url: str = strawberry.field(description="Where events are sent by POST.")
    filter: WebhookFilter = strawberry.field(description="Which events it is told of, as far as its key may read.")
    state: WebhookState = strawberry.field(description="Whether it is sent anything.")
    pause_reason: PauseReason | None = strawberry.field(description="Null while it is active.")
    paused_at: datetime | None = strawberry.field(description="Null while it is active.")
    created_at: datetime
    held: Private[domain.Webhook]

    @classmethod
    def of(cls, webhook: domain.Webhook) -> Self:
        """Of the domain's webhook."""
        return cls(
            id=encode_id("Webhook", webhook.id),
            url=webhook.url,
            filter=WebhookFilter.of(webhook.where),
            state=webhook.state,
            pause_reason=webhook.reason,
            paused_at=webhook.paused_at,
            created_at=webhook.created_at,
            held=webhook,
        )

    @resolved
    def owner(self, info: Info) -> Eventually[Actor | None]:
        """Who made it. Null when the account is gone."""
        return load_actor(info, self.held.owner_id)

    @resolved
    def cursor(self, info: Info) -> str:
        """Events up to here are in `deliveries` as far as it is told of them; some may wait. Some seconds behind."""
        return cursor_of(info.context.deps, self.held.position)

    @listed
    async def deliveries(self, info: Info, window: Window) -> Connection[WebhookDelivery]:
        """What was sent and what waits, the newest event first; after a replay its events come first."""
        deps, webhook = info.context.deps, self.held
        listing = Listing(info.context, ("deliveries", webhook.id))
        page = await page_deliveries(deps, webhook, listing.request(window))
        return Connection.of(
            listing,
            page,
            lambda delivery: (delivery.id,),
            [WebhookDelivery.of(delivery) for delivery in page.items],
            lambda: count_deliveries(deps, webhook),
        )


async def list_webhooks(info: Info, window: Window) -> Connection[Webhook]:
    """A page of the webhooks that the caller may see, newest first."""
    deps, access = info.context.deps, info.context.access
    listing = Listing(info.context, ("webhooks",))
    page = await page_webhooks(deps, access, listing.request(window))
    return Connection.of(
        listing,
        page,
        lambda webhook: (milliseconds(webhook.created_at), webhook.id),
        [Webhook.of(webhook) for webhook in page.items],
        lambda: count_webhooks(deps, access),
    )

"""webhookCreate."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.domain.feed import EventFilter
from graph.operations.webhooks import create_webhook
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError
from graph.schema.mutations.inputs import given
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation
from graph.schema.types.event import PromptEventFilter
from graph.schema.types.webhook import Webhook


@strawberry.input
class WebhookCreateInput:
    """Where to send what."""

    url: str = strawberry.field(description="An https URL of the public internet, without user, password or fragment.")
    filter: PromptEventFilter | None = strawberry.field(
        default=UNSET, description="Every event that the caller's key may read when left out."
    )
    after: str | None = strawberry.field(
        default=UNSET, description="A cursor of the feed: what came after it is sent first. From now on when left out."
    )


WebhookCreateError = Annotated[InvalidInputError, strawberry.union("WebhookCreateError")]


@strawberry.type
class WebhookCreatePayload:
    """The webhook and its secret, or what kept it from being made."""

    webhook: Webhook | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    secret: str | None = strawberry.field(
        default=None, description="What deliveries are signed with: `whsec_…`. It is shown this once; keep it well."
    )
    errors: list[WebhookCreateError] = strawberry.field(default_factory=list)


@mutation(Scope.WEBHOOKS_MANAGE)
@catch(WebhookCreatePayload)
async def webhook_create(info: Info, input: WebhookCreateInput) -> WebhookCreatePayload | None:
    """Makes a webhook. It tells what the key that makes it may read, at the moment of each delivery.

    The scope `events:read` is needed as well.
    """
    where = given(input.filter)
    made = await create_webhook(
        info.context.deps,
        info.context.access,
        input.url,
        where.to_domain() if where else EventFilter(),
        given(input.after),
    )
    return WebhookCreatePayload(webhook=Webhook.of(made.webhook), secret=made.secret)

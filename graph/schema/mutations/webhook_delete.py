"""webhookDelete."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.webhooks import delete_webhook
from graph.schema.context import Info
from graph.schema.errors import NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import encode_id, read_webhook_id
from graph.schema.permissions import mutation


@strawberry.input
class WebhookDeleteInput:
    """Which webhook."""

    webhook_id: strawberry.ID = strawberry.field(description="The webhook to remove.")


WebhookDeleteError = Annotated[NotFoundError, strawberry.union("WebhookDeleteError")]


@strawberry.type
class WebhookDeletePayload:
    """What is gone, or what kept it from going."""

    deleted_webhook_id: strawberry.ID | None = strawberry.field(
        default=None, description="Null when `errors` is not empty; else the ID that was given."
    )
    errors: list[WebhookDeleteError] = strawberry.field(default_factory=list)


@mutation(Scope.WEBHOOKS_MANAGE)
@catch(WebhookDeletePayload)
async def webhook_delete(info: Info, input: WebhookDeleteInput) -> WebhookDeletePayload | None:
    """Removes a webhook and its log. What waits is not sent any more."""
    webhook_id = read_webhook_id(input.webhook_id, ("webhookId",))
    gone = await delete_webhook(info.context.deps, info.context.access, webhook_id)
    return WebhookDeletePayload(deleted_webhook_id=encode_id("Webhook", gone.id))

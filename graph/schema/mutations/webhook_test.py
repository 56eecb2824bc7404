"""webhookTest."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.webhooks import try_webhook
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_webhook_id
from graph.schema.permissions import mutation
from graph.schema.types.webhook import WebhookAttempt


@strawberry.input
class WebhookTestInput:
    """Which webhook."""

    webhook_id: strawberry.ID = strawberry.field(description="The webhook to try.")


WebhookTestError = Annotated[InvalidInputError | NotFoundError, strawberry.union("WebhookTestError")]


@strawberry.type
class WebhookTestPayload:
    """How it went, or what kept it from being tried."""

    attempt: WebhookAttempt | None = strawberry.field(
        default=None, description="Null when `errors` is not empty. That the receiver failed is told in it."
    )
    errors: list[WebhookTestError] = strawberry.field(default_factory=list)


@mutation(Scope.WEBHOOKS_MANAGE)
@catch(WebhookTestPayload)
async def webhook_test(info: Info, input: WebhookTestInput) -> WebhookTestPayload | None:
    """Sends a signed message of the type `webhook.test` at once, also while the webhook is paused. It is not logged."""
    webhook_id = read_webhook_id(input.webhook_id, ("webhookId",))
    attempt = await try_webhook(info.context.deps, info.context.access, webhook_id)
    return WebhookTestPayload(attempt=WebhookAttempt.of(attempt))

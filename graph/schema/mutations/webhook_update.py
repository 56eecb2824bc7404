"""webhookUpdate."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.domain.webhooks import WebhookState
from graph.operations.webhooks import WebhookPatch, update_webhook
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError
from graph.schema.mutations.inputs import given
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_webhook_id
from graph.schema.permissions import mutation
from graph.schema.types.event import PromptEventFilter
from graph.schema.types.webhook import Webhook


@strawberry.input
class WebhookUpdateInput:
    """What to change; what is left out stays as it is."""

    webhook_id: strawberry.ID = strawberry.field(description="The webhook to change.")
    url: str | None = strawberry.field(default=UNSET, description="As for `webhookCreate`.")
    filter: PromptEventFilter | None = strawberry.field(default=UNSET, description="In the place of the whole filter.")
    state: WebhookState | None = strawberry.field(
        default=UNSET, description="PAUSED to wait; ACTIVE to go on, and to try at once what has failed."
    )
    rotate_secret: bool = strawberry.field(
        default=False,
        description="Makes a new secret. For a day, or what the server's setting says, deliveries are signed with the "
        "former one as well.",
    )


WebhookUpdateError = Annotated[InvalidInputError | NotFoundError, strawberry.union("WebhookUpdateError")]


@strawberry.type
class WebhookUpdatePayload:
    """The webhook as it stands now, or what kept it from being changed."""

    webhook: Webhook | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    secret: str | None = strawberry.field(default=None, description="The new one, if any. It is shown this once.")
    errors: list[WebhookUpdateError] = strawberry.field(default_factory=list)


@mutation(Scope.WEBHOOKS_MANAGE)
@catch(WebhookUpdatePayload)
async def webhook_update(info: Info, input: WebhookUpdateInput) -> WebhookUpdatePayload | None:
    """Changes, pauses or resumes a webhook, or gives it a new secret.

    Where its owner changes the URL or the filter, or resumes it, it tells from then on what the owner's key of that
    moment may read.
    """
    where = given(input.filter)
    patch = WebhookPatch(
        url=given(input.url),
        where=where.to_domain() if where else None,
        state=given(input.state),
        rotates_secret=input.rotate_secret,
    )
    webhook_id = read_webhook_id(input.webhook_id, ("webhookId",))
    done = await update_webhook(info.context.deps, info.context.access, webhook_id, patch)
    return WebhookUpdatePayload(webhook=Webhook.of(done.webhook), secret=done.secret)

"""webhookReplay."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.operations.webhooks import replay_webhook
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError
from graph.schema.mutations.inputs import given
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_webhook_id
from graph.schema.permissions import mutation
from graph.schema.types.webhook import Webhook


@strawberry.input
class WebhookReplayInput:
    """Which webhook, and from where."""

    webhook_id: strawberry.ID = strawberry.field(description="The webhook to set to another place.")
    after: str | None = strawberry.field(
        default=UNSET,
        description="A cursor of the feed, of a delivery or of a message's `data`; the log's beginning when left out.",
    )


WebhookReplayError = Annotated[InvalidInputError | NotFoundError, strawberry.union("WebhookReplayError")]


@strawberry.type
class WebhookReplayPayload:
    """The webhook as it stands now, or what kept it from being set."""

    webhook: Webhook | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    errors: list[WebhookReplayError] = strawberry.field(default_factory=list)


@mutation(Scope.WEBHOOKS_MANAGE)
@catch(WebhookReplayPayload)
async def webhook_replay(info: Info, input: WebhookReplayInput) -> WebhookReplayPayload | None:
    """Lets a webhook go on after a cursor: what comes after it is sent, again where it was sent before.

    The messages have the ids that they had. What waits is forgotten, so a later cursor skips. A paused webhook stays
    paused: resume it by `webhookUpdate`.
    """
    webhook_id = read_webhook_id(input.webhook_id, ("webhookId",))
    webhook = await replay_webhook(info.context.deps, info.context.access, webhook_id, given(input.after))
    return WebhookReplayPayload(webhook=Webhook.of(webhook))

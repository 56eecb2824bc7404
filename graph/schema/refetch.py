"""Objects by their global id, with the caller's sight."""

from graph.domain.prompts import VersionRef
from graph.operations.api_keys import get_key
from graph.operations.webhooks import get_webhook
from graph.schema.context import Info
from graph.schema.node import GlobalId, Node
from graph.schema.types.actor import actor_of
from graph.schema.types.api_key import ApiKey
from graph.schema.types.prompt import Prompt, PromptVersion, Rating
from graph.schema.types.webhook import Webhook


async def refetch(info: Info, wanted: GlobalId | None) -> Node | None:
    """The object; None when there is none, or none that the caller may see."""
    if wanted is None:
        return None
    if wanted.type_name in ("User", "ServiceAccount"):
        return await _actor(info, wanted)
    if wanted.type_name == "ApiKey":
        key = await get_key(info.context.deps, info.context.access, wanted.parts[0])
        return ApiKey.of(key) if key else None
    if wanted.type_name == "Webhook":
        webhook = await get_webhook(info.context.deps, info.context.access, wanted.parts[0])
        return Webhook.of(webhook) if webhook else None
    prompt = await info.context.loaders.prompt.load(wanted.parts[0])
    if prompt is None or wanted.type_name == "Prompt":
        return Prompt.of(prompt) if prompt else None
    if wanted.type_name == "PromptVersion":
        version = await info.context.loaders.version.load(VersionRef(prompt.id, int(wanted.parts[1])))
        return PromptVersion.of(version, prompt) if version else None
    rating = await info.context.loaders.rating.load((wanted.parts[1], prompt.id))
    return Rating.of(rating, prompt) if rating else None


async def _actor(info: Info, wanted: GlobalId) -> Node | None:
    """Actors are shown to everyone who is known. An anonymous caller meets them as authors only."""
    if info.context.access.actor is None:
        return None
    found = await info.context.loaders.actor.load(wanted.parts[0])
    actor = actor_of(found) if found else None
    return actor if type(actor).__name__ == wanted.type_name else None

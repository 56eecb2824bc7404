"""apiKeyRotate."""

from datetime import timedelta
from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.api_keys import rotate_key
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_api_key_id
from graph.schema.permissions import mutation
from graph.schema.types.api_key import ApiKey


@strawberry.input
class ApiKeyRotateInput:
    """Which key to replace, and how long it works on."""

    api_key_id: strawberry.ID = strawberry.field(description="The key to replace.")
    overlap_seconds: int = strawberry.field(
        default=0, description="How long the old key works on beside the new one; 0 ends it at once."
    )


ApiKeyRotateError = Annotated[InvalidInputError | NotFoundError, strawberry.union("ApiKeyRotateError")]


@strawberry.type
class ApiKeyRotatePayload:
    """The new key and its secret, or what kept it from being made."""

    api_key: ApiKey | None = strawberry.field(
        default=None, description="The new key: the old one's name, actor, scopes, grants and end."
    )
    replaced: ApiKey | None = strawberry.field(default=None, description="The old key, revoked or soon to expire.")
    secret: str | None = strawberry.field(default=None, description="The new key's. It is shown this once.")
    errors: list[ApiKeyRotateError] = strawberry.field(default_factory=list)


@mutation(Scope.KEYS_MANAGE)
@catch(ApiKeyRotatePayload)
async def api_key_rotate(info: Info, input: ApiKeyRotateInput) -> ApiKeyRotatePayload | None:
    """Makes a key in the place of another one, with a new secret and the same rights.

    The new key acts as the same actor. Where that is not the caller, nor the caller made the key, the scope
    `actors:impersonate` is needed.
    """
    key_id = read_api_key_id(input.api_key_id, ("apiKeyId",))
    overlap = timedelta(seconds=input.overlap_seconds)
    done = await rotate_key(info.context.deps, info.context.access, key_id, overlap)
    return ApiKeyRotatePayload(api_key=ApiKey.of(done.new.key), replaced=ApiKey.of(done.old), secret=done.new.secret)

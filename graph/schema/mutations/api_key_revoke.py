"""apiKeyRevoke."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.api_keys import revoke_key
from graph.schema.context import Info
from graph.schema.errors import NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_api_key_id
from graph.schema.permissions import mutation
from graph.schema.types.api_key import ApiKey


@strawberry.input
class ApiKeyRevokeInput:
    """Which key to end."""

    api_key_id: strawberry.ID = strawberry.field(description="The key to end.")


ApiKeyRevokeError = Annotated[NotFoundError, strawberry.union("ApiKeyRevokeError")]


@strawberry.type
class ApiKeyRevokePayload:
    """The key as it stands now, or what kept it from being revoked."""

    api_key: ApiKey | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    errors: list[ApiKeyRevokeError] = strawberry.field(default_factory=list)


@mutation(Scope.KEYS_MANAGE)
@catch(ApiKeyRevokePayload)
async def api_key_revoke(info: Info, input: ApiKeyRevokeInput) -> ApiKeyRevokePayload | None:
    """Ends a key: at once for requests, within a second for open streams. Doing it again writes nothing."""
    key_id = read_api_key_id(input.api_key_id, ("apiKeyId",))
    key = await revoke_key(info.context.deps, info.context.access, key_id)
    return ApiKeyRevokePayload(api_key=ApiKey.of(key))

"""apiKeyCreate."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain import actors as domain
from graph.domain.actors import Scope
from graph.domain.errors import InvalidInputError as Refusal
from graph.operations.api_keys import create_key
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError
from graph.schema.mutations.inputs import given
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation
from graph.schema.types.api_key import ApiKey


@strawberry.input
class FolderGrantInput:
    """A folder and all below it."""

    folder: str = strawberry.field(description="Empty for everything.")
    can_write: bool = strawberry.field(default=False, description="False for reading only.")


@strawberry.input
class ApiKeyCreateInput:
    """What the key is for, and what it may do: no more than the caller's own."""

    name: str = strawberry.field(description="What the key is for.")
    scopes: list[str] = strawberry.field(description="Such as `prompts:read`; each must be the caller's too.")
    grants: list[FolderGrantInput] = strawberry.field(description="Within the caller's own.")
    actor: str | None = strawberry.field(
        default=UNSET,
        description="The handle of the service account that acts with it; the key's name when left out. For an account "
        "that is there already and is not the caller's own, the scope `actors:impersonate` is needed.",
    )
    expires_at: datetime | None = strawberry.field(
        default=UNSET, description="When it ends: no later than the caller's own key, which is the default."
    )


ApiKeyCreateError = Annotated[InvalidInputError, strawberry.union("ApiKeyCreateError")]


@strawberry.type
class ApiKeyCreatePayload:
    """The key and its secret, or what kept it from being made."""

    api_key: ApiKey | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    secret: str | None = strawberry.field(
        default=None, description="What is sent as `Authorization: Bearer pg_…`. It is shown this once; keep it well."
    )
    errors: list[ApiKeyCreateError] = strawberry.field(default_factory=list)


@mutation(Scope.KEYS_MANAGE)
@catch(ApiKeyCreatePayload)
async def api_key_create(info: Info, input: ApiKeyCreateInput) -> ApiKeyCreatePayload | None:
    """Makes an API key that may do no more than the caller's own, and ends no later."""
    made = await create_key(
        info.context.deps,
        info.context.access,
        input.name,
        [_scope(text, index) for index, text in enumerate(input.scopes)],
        [domain.Grant(grant.folder, grant.can_write) for grant in input.grants],
        given(input.actor),
        given(input.expires_at),
    )
    return ApiKeyCreatePayload(api_key=ApiKey.of(made.key), secret=made.secret)


def _scope(text: str, index: int) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        known = ", ".join(scope.value for scope in Scope)
        raise Refusal(f"There is no such scope. The scopes are: {known}.", ("scopes", str(index))) from None

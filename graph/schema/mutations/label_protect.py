"""labelProtect."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.protection import protect_label
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation


@strawberry.input
class LabelProtectInput:
    """The name of the labels to protect."""

    name: str


LabelProtectError = Annotated[InvalidInputError, strawberry.union("LabelProtectError")]


@strawberry.type
class LabelProtectPayload:
    """What is protected now, or what kept that from being changed."""

    protected_labels: list[str] | None = strawberry.field(
        default=None, description="The names of all protected labels. Null when `errors` is not empty."
    )
    errors: list[LabelProtectError] = strawberry.field(default_factory=list)


@mutation(Scope.KEYS_MANAGE)
@catch(LabelProtectPayload)
async def label_protect(info: Info, input: LabelProtectInput) -> LabelProtectPayload | None:
    """Protects the labels of a name, on every prompt: from now on, moving one needs the scope `labels:protected`.

    It changes what every other key may do, so it needs a grant to write everywhere too.
    """
    names = await protect_label(info.context.deps, info.context.access, input.name)
    return LabelProtectPayload(protected_labels=names)

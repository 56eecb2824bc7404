"""labelUnprotect."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.protection import unprotect_label
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation


@strawberry.input
class LabelUnprotectInput:
    """The name of the labels to protect no longer."""

    name: str


LabelUnprotectError = Annotated[InvalidInputError, strawberry.union("LabelUnprotectError")]


@strawberry.type
class LabelUnprotectPayload:
    """What is protected now, or what kept that from being changed."""

    protected_labels: list[str] | None = strawberry.field(
        default=None, description="The names of all protected labels. Null when `errors` is not empty."
    )
    errors: list[LabelUnprotectError] = strawberry.field(default_factory=list)


@mutation(Scope.KEYS_MANAGE)
@catch(LabelUnprotectPayload)
async def label_unprotect(info: Info, input: LabelUnprotectInput) -> LabelUnprotectPayload | None:
    """Lets every holder of `labels:write` move the labels of a name again.

    As `labelProtect`; and for a label that is protected, the scope `labels:protected` is needed too.
    """
    names = await unprotect_label(info.context.deps, info.context.access, input.name)
    return LabelUnprotectPayload(protected_labels=names)

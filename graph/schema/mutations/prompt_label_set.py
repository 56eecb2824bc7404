"""promptLabelSet."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.operations.labels import set_label
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import (
    InvalidInputError,
    LabelConflictError,
    LabelProtectedError,
    NotFoundError,
    PromptArchivedError,
)
from graph.schema.mutations.inputs import given, version_selector
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Label, PromptVersion, load_version
from graph.schema.types.selectors import PromptVersionBy


@strawberry.input
class PromptLabelSetInput:
    """Which label to point where."""

    prompt_id: strawberry.ID
    name: str = strawberry.field(description="`[a-z][a-z0-9_.-]{0,35}`, but not `latest` and not `v` with digits.")
    version: PromptVersionBy
    expected_version: int | None = strawberry.field(
        default=UNSET,
        description="The number it should be moved away from; when given and it points elsewhere, "
        "nothing is written. 0 for a new label.",
    )


PromptLabelSetError = Annotated[
    InvalidInputError | LabelConflictError | LabelProtectedError | NotFoundError | PromptArchivedError,
    strawberry.union("PromptLabelSetError"),
]


@strawberry.type
class PromptLabelSetPayload:
    """The label as it stands now, or what kept it from being moved."""

    label: Label | None = None
    previous_version: PromptVersion | None = strawberry.field(
        default=None, description="Where the label pointed before; null when it is new."
    )
    search_token: str | None = None
    errors: list[PromptLabelSetError] = strawberry.field(default_factory=list)


@mutation(Scope.LABELS_WRITE)
@catch(PromptLabelSetPayload)
async def prompt_label_set(info: Info, input: PromptLabelSetInput) -> PromptLabelSetPayload | None:
    """Points a label at a version, making the label when it is new."""
    deps, access = info.context.deps, info.context.access
    prompt_id = read_prompt_id(input.prompt_id, ("promptId",))
    selector = version_selector(input.version, prompt_id)
    done = await set_label(deps, access, prompt_id, input.name, selector, given(input.expected_version))
    return PromptLabelSetPayload(
        label=Label.of(done.prompt, done.label),
        previous_version=await load_version(info, done.prompt, done.previous) if done.previous else None,
        search_token=search_token(deps, done.prompt),
    )

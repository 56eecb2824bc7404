"""promptLabelRemove."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.labels import remove_label
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import LabelProtectedError, NotFoundError, PromptArchivedError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptLabelRemoveInput:
    """Which label to take away."""

    prompt_id: strawberry.ID
    name: str


PromptLabelRemoveError = Annotated[
    LabelProtectedError | NotFoundError | PromptArchivedError, strawberry.union("PromptLabelRemoveError")
]


@strawberry.type
class PromptLabelRemovePayload:
    """The prompt without the label, or what kept it from being removed."""

    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptLabelRemoveError] = strawberry.field(default_factory=list)


@mutation(Scope.LABELS_WRITE)
@catch(PromptLabelRemovePayload)
async def prompt_label_remove(info: Info, input: PromptLabelRemoveInput) -> PromptLabelRemovePayload | None:
    """Takes a label away. Of one that is not there, nothing is written."""
    deps, access = info.context.deps, info.context.access
    prompt = await remove_label(deps, access, read_prompt_id(input.prompt_id, ("promptId",)), input.name)
    return PromptLabelRemovePayload(prompt=Prompt.of(prompt), search_token=search_token(deps, prompt))

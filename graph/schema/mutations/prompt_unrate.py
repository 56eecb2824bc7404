"""promptUnrate."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.ratings import unrate_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptUnrateInput:
    """Of which prompt to take the caller's rating away."""

    prompt_id: strawberry.ID


PromptUnrateError = Annotated[NotFoundError, strawberry.union("PromptUnrateError")]


@strawberry.type
class PromptUnratePayload:
    """The prompt with its new summary, or what kept the rating from being taken away."""

    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptUnrateError] = strawberry.field(default_factory=list)


@mutation(Scope.RATINGS_WRITE)
@catch(PromptUnratePayload)
async def prompt_unrate(info: Info, input: PromptUnrateInput) -> PromptUnratePayload | None:
    """Takes the caller's rating away. Where there is none, nothing is written."""
    deps, access = info.context.deps, info.context.access
    rated = await unrate_prompt(deps, access, read_prompt_id(input.prompt_id, ("promptId",)))
    return PromptUnratePayload(prompt=Prompt.of(rated.prompt), search_token=search_token(deps, rated.prompt))

"""promptDelete."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.prompts import delete_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, LabelProtectedError, NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import prompt_id, read_prompt_id
from graph.schema.permissions import mutation


@strawberry.input
class PromptDeleteInput:
    """Which prompt to remove, said twice."""

    prompt_id: strawberry.ID
    confirm_name: str = strawberry.field(description="The prompt's name again, so that the wrong one is not removed.")


PromptDeleteError = Annotated[
    InvalidInputError | LabelProtectedError | NotFoundError, strawberry.union("PromptDeleteError")
]


@strawberry.type
class PromptDeletePayload:
    """The ID that is no more, or what kept the prompt from being removed."""

    deleted_prompt_id: strawberry.ID | None = strawberry.field(
        default=None, description="Null when `errors` is not empty; else the ID that was given."
    )
    search_token: str | None = None
    errors: list[PromptDeleteError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptDeletePayload)
async def prompt_delete(info: Info, input: PromptDeleteInput) -> PromptDeletePayload | None:
    """Removes a prompt, its history and its ratings for good; only the events tell of it.
    Archiving is the gentle way. One that has a protected label goes only by who may move that.
    """
    deps, access = info.context.deps, info.context.access
    gone = await delete_prompt(deps, access, read_prompt_id(input.prompt_id, ("promptId",)), input.confirm_name)
    return PromptDeletePayload(deleted_prompt_id=prompt_id(gone.id), search_token=search_token(deps, gone))

"""promptUnarchive."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.prompts import unarchive_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptUnarchiveInput:
    """Which prompt to unarchive."""

    prompt_id: strawberry.ID


PromptUnarchiveError = Annotated[NotFoundError, strawberry.union("PromptUnarchiveError")]


@strawberry.type
class PromptUnarchivePayload:
    """The live prompt, or what kept it from coming back."""

    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptUnarchiveError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptUnarchivePayload)
async def prompt_unarchive(info: Info, input: PromptUnarchiveInput) -> PromptUnarchivePayload | None:
    """Takes a prompt out of the archive, so that it can be changed again. Of a live one, it writes nothing."""
    deps, access = info.context.deps, info.context.access
    prompt = await unarchive_prompt(deps, access, read_prompt_id(input.prompt_id, ("promptId",)))
    return PromptUnarchivePayload(prompt=Prompt.of(prompt), search_token=search_token(deps, prompt))

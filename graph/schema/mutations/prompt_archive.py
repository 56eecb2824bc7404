"""promptArchive."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.prompts import archive_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptArchiveInput:
    """Which prompt to archive."""

    prompt_id: strawberry.ID


PromptArchiveError = Annotated[NotFoundError, strawberry.union("PromptArchiveError")]


@strawberry.type
class PromptArchivePayload:
    """The archived prompt, or what kept it from being archived."""

    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptArchiveError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptArchivePayload)
async def prompt_archive(info: Info, input: PromptArchiveInput) -> PromptArchivePayload | None:
    """Puts a prompt away: an archived one is read and rendered, not changed. Doing it again writes nothing."""
    deps, access = info.context.deps, info.context.access
    prompt = await archive_prompt(deps, access, read_prompt_id(input.prompt_id, ("promptId",)))
    return PromptArchivePayload(prompt=Prompt.of(prompt), search_token=search_token(deps, prompt))

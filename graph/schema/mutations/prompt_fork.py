"""promptFork."""

from typing import Annotated

import strawberry

from graph.domain.actors import Scope
from graph.operations.prompts import fork_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NameTakenError, NotFoundError
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_version_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptForkInput:
    """Which version to start from, and the new prompt's name."""

    version_id: strawberry.ID
    name: str


PromptForkError = Annotated[InvalidInputError | NameTakenError | NotFoundError, strawberry.union("PromptForkError")]


@strawberry.type
class PromptForkPayload:
    """The new prompt, or what kept it from being made."""

    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptForkError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptForkPayload)
async def prompt_fork(info: Info, input: PromptForkInput) -> PromptForkPayload | None:
    """Makes a private prompt of another one's version, which it remembers. Its facts come along, its labels do not."""
    deps, access = info.context.deps, info.context.access
    prompt = await fork_prompt(deps, access, read_version_id(input.version_id, ("versionId",)), input.name)
    return PromptForkPayload(prompt=Prompt.of(prompt), search_token=search_token(deps, prompt))

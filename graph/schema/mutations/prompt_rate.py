"""promptRate."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.operations.ratings import rate_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError, PromptArchivedError
from graph.schema.mutations.inputs import given, version_selector
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import Prompt, Rating
from graph.schema.types.selectors import PromptVersionBy


@strawberry.input
class PromptRateInput:
    """What the caller thinks of which prompt."""

    prompt_id: strawberry.ID
    version: PromptVersionBy | None = strawberry.field(default=UNSET, description="The latest version when left out.")
    score: int = strawberry.field(description="1 to 5.")
    comment: str | None = UNSET


PromptRateError = Annotated[
    InvalidInputError | NotFoundError | PromptArchivedError, strawberry.union("PromptRateError")
]


@strawberry.type
class PromptRatePayload:
    """The rating and the prompt with its new summary, or what kept it from being rated."""

    rating: Rating | None = None
    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptRateError] = strawberry.field(default_factory=list)


@mutation(Scope.RATINGS_WRITE)
@catch(PromptRatePayload)
async def prompt_rate(info: Info, input: PromptRateInput) -> PromptRatePayload | None:
    """Sets the caller's rating, replacing an earlier one."""
    deps, access = info.context.deps, info.context.access
    prompt_id = read_prompt_id(input.prompt_id, ("promptId",))
    selector = version_selector(input.version, prompt_id)
    rated = await rate_prompt(deps, access, prompt_id, input.score, given(input.comment), selector)
    return PromptRatePayload(
        rating=Rating.of(rated.rating, rated.prompt) if rated.rating else None,
        prompt=Prompt.of(rated.prompt),
        search_token=search_token(deps, rated.prompt),
    )

"""promptFeedback."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.operations.feedback import give_feedback
from graph.operations.versions import get_versions
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError
from graph.schema.mutations.inputs import given
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation
from graph.schema.types.prompt import PromptVersion


@strawberry.input
class PromptFeedbackInput:
    """What somebody thinks of an answer."""

    render_id: str = strawberry.field(description="As `promptRender`, `promptRun` or the gateway told it.")
    score: float = strawberry.field(description="From 0, bad, to 1, good.")
    comment: str | None = UNSET


PromptFeedbackError = Annotated[InvalidInputError | NotFoundError, strawberry.union("PromptFeedbackError")]


@strawberry.type
class PromptFeedbackPayload:
    """The version that was rendered, or what kept the feedback from being taken."""

    version: PromptVersion | None = None
    errors: list[PromptFeedbackError] = strawberry.field(default_factory=list)


@mutation(Scope.RENDER)
@catch(PromptFeedbackPayload)
async def prompt_feedback(info: Info, input: PromptFeedbackInput) -> PromptFeedbackPayload | None:
    """Takes what somebody thinks of the answer that a rendering led to, in place of what was said of it before."""
    deps = info.context.deps
    taken = await give_feedback(deps, info.context.access, input.render_id, input.score, given(input.comment))
    found = (await get_versions(deps, [taken.feedback.ref])).get(taken.feedback.ref)
    return PromptFeedbackPayload(version=PromptVersion.of(found, taken.prompt) if found else None)

"""promptRun."""

from typing import Annotated, Self

import strawberry
from strawberry import UNSET

from graph.domain import templates as domain
from graph.domain.actors import Scope
from graph.operations.runs import Extras, Ran, run_draft, run_prompt
from graph.schema.context import Info
from graph.schema.errors import (
    InvalidInputError,
    InvalidVariableError,
    MissingVariablesError,
    NotFoundError,
    UpstreamError,
)
from graph.schema.mutations.inputs import (
    ChatMessageInput,
    ModelSettingsInput,
    PromptTemplateInput,
    VariableInput,
    given,
    version_draft,
)
from graph.schema.mutations.outcome import catch
from graph.schema.mutations.prompt_render import select_version
from graph.schema.permissions import mutation
from graph.schema.scalars import NO_VALUES, JSONObject, VariableValues
from graph.schema.types.prompt import PromptVersion
from graph.schema.types.selectors import PromptBy, PromptVersionBy

DRAFT = ("source", "draft")


@strawberry.input
class PromptRunSavedInput:
    """A version of the registry."""

    prompt: PromptBy
    version: PromptVersionBy | None = strawberry.field(default=UNSET, description="The latest version when left out.")


@strawberry.input
class PromptRunDraftInput:
    """A version that is not saved yet."""

    template: PromptTemplateInput
    variables: list[VariableInput] = strawberry.field(
        default_factory=list, description="Only for what the template cannot say: descriptions and defaults."
    )
    model_settings: ModelSettingsInput | None = UNSET


@strawberry.input(one_of=True)
class PromptRunSource:
    """What to run: a saved version, or one that is not saved yet."""

    saved: PromptRunSavedInput | None = strawberry.field(default=UNSET, description="A version of the registry.")
    draft: PromptRunDraftInput | None = strawberry.field(default=UNSET, description="What is not saved yet.")


@strawberry.input
class PromptRunInput:
    """What to run, the values for its variables, and what the caller adds."""

    source: PromptRunSource = strawberry.field(description="Saved or not.")
    variables: VariableValues = strawberry.field(default_factory=lambda: NO_VALUES)
    messages: list[ChatMessageInput] = strawberry.field(
        default_factory=list, description="Sent as they are, after the template's own."
    )
    model_settings: ModelSettingsInput | None = strawberry.field(
        default=UNSET, description="In place of the version's own, field by field."
    )


PromptRunError = Annotated[
    InvalidInputError | InvalidVariableError | MissingVariablesError | NotFoundError | UpstreamError,
    strawberry.union("PromptRunError"),
]


@strawberry.type
class PromptRun:
    """A model's answer."""

    text: str = strawberry.field(description="What it says, be it a refusal; empty when it only calls tools.")
    tool_calls: list[JSONObject] = strawberry.field(description="In the shape of the OpenAI chat API.")
    model: str | None = strawberry.field(description="As the provider told it.")
    finish_reason: str | None = strawberry.field(description="As the provider told it: `stop`, `length`, `tool_calls`.")
    input_tokens: int = strawberry.field(description="As the provider counted.")
    output_tokens: int = strawberry.field(description="As the provider counted.")
    milliseconds: int = strawberry.field(description="From call to end.")
    unused_variables: list[str] = strawberry.field(
        description="Names that were given but that the template does not use."
    )
    version: PromptVersion | None = strawberry.field(description="What was run; null when it is not saved.")
    render_id: str | None = strawberry.field(description="For `promptFeedback`; null when what was run is not saved.")

    @classmethod
    def of(cls, ran: Ran) -> Self:
        """Of what the operation got."""
        said, rendering, figures = ran.said, ran.rendering, ran.figures
        return cls(
            text=said.text,
            tool_calls=[JSONObject(one) for one in said.tool_calls],
            model=said.model,
            finish_reason=said.finish_reason,
            input_tokens=figures.tokens.input,
            output_tokens=figures.tokens.output,
            milliseconds=figures.milliseconds,
            unused_variables=list(ran.unused),
            version=PromptVersion.of(rendering.version, rendering.prompt) if rendering else None,
            render_id=rendering.render_id if rendering else None,
        )


@strawberry.type
class PromptRunPayload:
    """The answer, or what kept it from being given."""

    run: PromptRun | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    errors: list[PromptRunError] = strawberry.field(default_factory=list)


@mutation(Scope.RENDER)
@catch(PromptRunPayload)
async def prompt_run(info: Info, input: PromptRunInput) -> PromptRunPayload | None:
    """Renders strictly, asks the model and waits for its answer: what the gateway does, for trying prompts out.

    A run of a saved version is recorded as its use.
    """
    deps, access, is_wanted = info.context.deps, info.context.access, info.context.is_wanted
    settings = given(input.model_settings)
    messages = [domain.ChatMessage(message.role, message.content) for message in input.messages]
    extras = Extras(messages, settings.to_domain() if settings else None)
    if isinstance(input.source.draft, PromptRunDraftInput):
        draft = input.source.draft
        version = version_draft(draft.template, draft.variables, draft.model_settings, None)
        ran = await run_draft(deps, access, version, input.variables, extras, at=DRAFT, is_wanted=is_wanted)
        return PromptRunPayload(run=PromptRun.of(ran))
    saved = input.source.saved
    assert isinstance(saved, PromptRunSavedInput), "the schema lets no other through"
    prompt, chosen = await select_version(info, saved.prompt, saved.version, ("source", "saved"))
    ran = await run_prompt(deps, access, prompt, input.variables, chosen, extras, is_wanted)
    return PromptRunPayload(run=PromptRun.of(ran))

"""promptCreate."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.domain.prompts import PromptDraft, Visibility
from graph.operations.prompts import create_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NameTakenError
from graph.schema.mutations.inputs import ModelSettingsInput, PromptTemplateInput, VariableInput, given, version_draft
from graph.schema.mutations.outcome import catch
from graph.schema.permissions import mutation
from graph.schema.scalars import JSONObject
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptCreateInput:
    """A prompt and its first version."""

    name: str = strawberry.field(description="Unique, with slashes for folders: `support/refund-reply`.")
    title: str | None = strawberry.field(
        default=UNSET, description="For people; the last segment of the name when left out."
    )
    description: str | None = UNSET
    category: str | None = UNSET
    tags: list[str] = strawberry.field(default_factory=list)
    metadata: JSONObject | None = strawberry.field(
        default=UNSET, description="Anything of your own, kept and returned unchanged."
    )
    visibility: Visibility = Visibility.PRIVATE
    template: PromptTemplateInput
    variables: list[VariableInput] = strawberry.field(
        default_factory=list, description="Only for what the template cannot say: descriptions and defaults."
    )
    model_settings: ModelSettingsInput | None = UNSET
    change_note: str | None = UNSET

    def to_domain(self) -> PromptDraft:
        """In the words of the domain."""
        return PromptDraft(
            name=self.name,
            version=version_draft(self.template, self.variables, self.model_settings, self.change_note),
            title=given(self.title),
            description=given(self.description),
            category=given(self.category),
            tags=tuple(self.tags),
            metadata=given(self.metadata) or {},
            visibility=self.visibility,
        )


PromptCreateError = Annotated[InvalidInputError | NameTakenError, strawberry.union("PromptCreateError")]


@strawberry.type
class PromptCreatePayload:
    """The new prompt, or what kept it from being made."""

    prompt: Prompt | None = strawberry.field(default=None, description="Null when `errors` is not empty.")
    search_token: str | None = strawberry.field(
        default=None,
        description="Give it to `promptSearch(consistentWith:)` to find what was just written. "
        "Every payload that writes has one.",
    )
    errors: list[PromptCreateError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptCreatePayload)
async def prompt_create(info: Info, input: PromptCreateInput) -> PromptCreatePayload | None:
    """Makes a prompt with its first version."""
    deps, access = info.context.deps, info.context.access
    prompt = await create_prompt(deps, access, input.to_domain())
    return PromptCreatePayload(prompt=Prompt.of(prompt), search_token=search_token(deps, prompt))

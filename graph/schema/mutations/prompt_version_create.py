"""promptVersionCreate."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.operations.search_tokens import search_token
from graph.operations.versions import append_version
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError, PromptArchivedError, VersionConflictError
from graph.schema.mutations.inputs import ModelSettingsInput, PromptTemplateInput, VariableInput, version_draft
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.types.prompt import PromptVersion


@strawberry.input
class PromptVersionCreateInput:
    """A version and the place in the history that it is meant for."""

    prompt_id: strawberry.ID
    expected_latest: int = strawberry.field(
        description="The number of the version this one was written against. When it is no longer the\n"
        "latest, and the content is not the latest's, nothing is written and a VersionConflictError comes back."
    )
    template: PromptTemplateInput
    variables: list[VariableInput] = strawberry.field(
        default_factory=list, description="Only for what the template cannot say: descriptions and defaults."
    )
    model_settings: ModelSettingsInput | None = UNSET
    change_note: str | None = strawberry.field(default=UNSET, description="Why this version is made.")


PromptVersionCreateError = Annotated[
    InvalidInputError | NotFoundError | PromptArchivedError | VersionConflictError,
    strawberry.union("PromptVersionCreateError"),
]


@strawberry.type
class PromptVersionCreatePayload:
    """The version that holds the content now, or what kept it from being made."""

    version: PromptVersion | None = None
    is_new: bool | None = strawberry.field(
        default=None,
        description="False when the content equals the latest version's, which is then returned: a retry is safe.",
    )
    search_token: str | None = None
    errors: list[PromptVersionCreateError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptVersionCreatePayload)
async def prompt_version_create(info: Info, input: PromptVersionCreateInput) -> PromptVersionCreatePayload | None:
    """Appends a version. To go back, give an older version's template again."""
    deps, access = info.context.deps, info.context.access
    draft = version_draft(input.template, input.variables, input.model_settings, input.change_note)
    prompt_id = read_prompt_id(input.prompt_id, ("promptId",))
    appended = await append_version(deps, access, prompt_id, input.expected_latest, draft)
    return PromptVersionCreatePayload(
        version=PromptVersion.of(appended.version, appended.prompt),
        is_new=appended.is_new,
        search_token=search_token(deps, appended.prompt),
    )

"""promptUpdate."""

from dataclasses import fields
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from graph.domain.actors import Scope
from graph.domain.patches import PromptPatch
from graph.domain.prompts import Visibility
from graph.operations.prompts import update_prompt
from graph.operations.search_tokens import search_token
from graph.schema.context import Info
from graph.schema.errors import InvalidInputError, NotFoundError, PromptArchivedError, RevisionConflictError
from graph.schema.mutations.inputs import given
from graph.schema.mutations.outcome import catch
from graph.schema.node import read_prompt_id
from graph.schema.permissions import mutation
from graph.schema.scalars import JSONObject
from graph.schema.types.prompt import Prompt


@strawberry.input
class PromptUpdateInput:
    """A field left out stays as it is; an explicit null clears it where that is allowed."""

    prompt_id: strawberry.ID
    expected_revision: int | None = strawberry.field(
        default=UNSET,
        description="The prompt's `revision` this was written against; when given and stale, nothing is written.",
    )
    title: str | None = strawberry.field(
        default=UNSET, description="Null goes back to the default, the last segment of the name."
    )
    description: str | None = UNSET
    category: str | None = UNSET
    tags: list[str] | None = UNSET
    metadata: JSONObject | None = strawberry.field(default=UNSET, description="Replaces the whole object.")
    visibility: Visibility | None = strawberry.field(default=UNSET, description="It cannot be cleared.")

    def to_patch(self) -> PromptPatch:
        """In the words of the operation: the fields that were given."""
        values = {field.name: getattr(self, field.name) for field in fields(PromptPatch)}
        changed: dict[str, Any] = {name: value for name, value in values.items() if value is not UNSET}
        if isinstance(self.tags, list):
            changed["tags"] = tuple(self.tags)
        return PromptPatch(**changed)


PromptUpdateError = Annotated[
    InvalidInputError | NotFoundError | PromptArchivedError | RevisionConflictError,
    strawberry.union("PromptUpdateError"),
]


@strawberry.type
class PromptUpdatePayload:
    """The prompt as it stands now, or what kept it from being changed."""

    prompt: Prompt | None = None
    search_token: str | None = None
    errors: list[PromptUpdateError] = strawberry.field(default_factory=list)


@mutation(Scope.PROMPTS_WRITE)
@catch(PromptUpdatePayload)
async def prompt_update(info: Info, input: PromptUpdateInput) -> PromptUpdatePayload | None:
    """Changes the prompt's own facts; its template changes by `promptVersionCreate`."""
    deps, access = info.context.deps, info.context.access
    prompt_id = read_prompt_id(input.prompt_id, ("promptId",))
    prompt = await update_prompt(deps, access, prompt_id, input.to_patch(), given(input.expected_revision))
    return PromptUpdatePayload(prompt=Prompt.of(prompt), search_token=search_token(deps, prompt))

"""The inputs that several mutations share, each with its way into the domain's words."""

from typing import TypeVar

import strawberry
from strawberry import UNSET

from graph.domain import templates as domain
from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject as PlainJSON
from graph.domain.prompts import LATEST_VERSION, VersionDraft, VersionSelector
from graph.domain.templates import ChatRole, VariableType
from graph.schema.scalars import JSONObject
from graph.schema.types.selectors import PromptVersionBy

T = TypeVar("T")


def given(value: T | None) -> T | None:
    """The value; None for one that was left out. For fields where an explicit null says the same."""
    return None if value is UNSET else value


@strawberry.input
class ChatMessageInput:
    """One message of a chat."""

    role: ChatRole
    content: str = strawberry.field(description="Text with `{{variables}}`; it may be empty.")


@strawberry.input(one_of=True)
class ChatPartInput:
    """A message, or a place where the caller's own messages go."""

    message: ChatMessageInput | None = UNSET
    placeholder: str | None = strawberry.field(default=UNSET, description="The name of a MessagesPlaceholder.")

    def to_domain(self) -> domain.ChatPart:
        """In the words of the domain."""
        if isinstance(self.message, ChatMessageInput):
            return domain.ChatMessage(self.message.role, self.message.content)
        return domain.MessagesPlaceholder(str(self.placeholder))


@strawberry.input(one_of=True)
class PromptTemplateInput:
    """What is rendered: one text, or a chat."""

    text: str | None = strawberry.field(
        default=UNSET, description="A variable is `{{name}}`, and `\\{{` a literal `{{`. All else is text."
    )
    chat: list[ChatPartInput] | None = UNSET

    def to_domain(self) -> domain.PromptTemplate:
        """In the words of the domain."""
        if isinstance(self.chat, list):
            return domain.ChatTemplate(tuple(part.to_domain() for part in self.chat))
        return domain.TextTemplate(str(self.text))


@strawberry.input
class VariableInput:
    """What the template cannot say about one of its variables."""

    name: str = strawberry.field(description="As the template writes it.")
    type: VariableType = VariableType.STRING
    description: str | None = UNSET
    default_value: str | None = strawberry.field(
        default=UNSET, description='JSON text, used when no value is given: `"hello"` with its quotes, `5`, `[]`.'
    )
    allows_system_messages: bool = strawberry.field(
        default=False,
        description="For MESSAGES only: whether system and developer messages may be among the values.",
    )

    def to_domain(self) -> domain.Variable:
        """In the words of the domain."""
        return domain.Variable(
            name=self.name,
            type=self.type,
            description=given(self.description),
            default_value=given(self.default_value),
            allows_system_messages=self.allows_system_messages,
        )


@strawberry.input
class ModelSettingsInput:
    """The model and parameters a version is written for."""

    model: str | None = UNSET
    temperature: float | None = UNSET
    top_p: float | None = UNSET
    max_output_tokens: int | None = UNSET
    tools: list[JSONObject] | None = strawberry.field(
        default=UNSET, description="Tools, in the shape of the OpenAI chat API."
    )
    response_schema: JSONObject | None = strawberry.field(
        default=UNSET, description="A JSON Schema the answer must follow."
    )
    extra: JSONObject | None = strawberry.field(
        default=UNSET, description="Any further parameter, passed to the provider unchanged."
    )

    def to_domain(self) -> domain.ModelSettings:
        """In the words of the domain."""
        tools: list[PlainJSON] = list(given(self.tools) or ())
        return domain.ModelSettings(
            model=given(self.model),
            temperature=given(self.temperature),
            top_p=given(self.top_p),
            max_output_tokens=given(self.max_output_tokens),
            tools=tuple(tools),
            response_schema=given(self.response_schema),
            extra=given(self.extra) or {},
        )


def version_draft(
    template: PromptTemplateInput,
    variables: list[VariableInput],
    model_settings: ModelSettingsInput | None,
    change_note: str | None,
) -> VersionDraft:
    """A version in the words of the domain, of the fields that two inputs have alike."""
    settings = given(model_settings)
    return VersionDraft(
        template=template.to_domain(),
        variables=tuple(variable.to_domain() for variable in variables),
        model_settings=settings.to_domain() if settings else None,
        change_note=given(change_note),
    )


def version_selector(by: PromptVersionBy | None, prompt_id: str) -> VersionSelector:
    """The version that an input's `version` names, for the prompt of this (own, not global) id; else the latest.

    Raises InvalidInputError for an id of anything but a version of this prompt.
    """
    by = given(by)
    if by is None:
        return LATEST_VERSION
    selector = by.selector(prompt_id, ("version",))
    if selector is None:
        raise InvalidInputError("This ID is of another prompt's version. Give one of this prompt.", ("version", "id"))
    return selector

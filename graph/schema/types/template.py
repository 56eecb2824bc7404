"""What a version says: its template, its variables, its model settings, and what comes out when it is rendered."""

from typing import Annotated, Self

import strawberry

from graph.domain import templates as domain
from graph.domain.templates import ChatRole, VariableType
from graph.schema.scalars import JSONObject
from graph.schema.types.enums import publish
from graph.templating import parser

publish(ChatRole, "Who speaks in a chat message.")
publish(
    VariableType,
    "What values a variable takes.",
    JSON="A list or an object, written into the text as JSON.",
    MESSAGES="Messages for a MessagesPlaceholder; only user, assistant and tool roles unless the version says "
    "otherwise.",
)


@strawberry.type
class TextTemplate:
    """One text with `{{variables}}`."""

    text: str

    @classmethod
    def of(cls, template: domain.TextTemplate) -> Self:
        """Of the domain's template."""
        return cls(text=template.text)


@strawberry.type
class ChatMessage:
    """One message of a chat."""

    role: ChatRole
    content: str

    @classmethod
    def of(cls, message: domain.ChatMessage) -> Self:
        """Of the domain's message."""
        return cls(role=message.role, content=message.content)


@strawberry.type
class MessagesPlaceholder:
    """A place in a chat where the caller's own messages go."""

    name: str = strawberry.field(description="The variable of type MESSAGES that fills it.")

    @classmethod
    def of(cls, placeholder: domain.MessagesPlaceholder) -> Self:
        """Of the domain's placeholder."""
        return cls(name=placeholder.name)


ChatPart = Annotated[
    ChatMessage | MessagesPlaceholder,
    strawberry.union("ChatPart", description="A message, or a place where the caller's own messages go."),
]


def part_of(part: domain.ChatPart) -> ChatMessage | MessagesPlaceholder:
    """Of the domain's chat part, as what it is."""
    return ChatMessage.of(part) if isinstance(part, domain.ChatMessage) else MessagesPlaceholder.of(part)


@strawberry.type
class ChatTemplate:
    """A chat: messages with `{{variables}}`, and placeholders, in order."""

    parts: list[ChatPart]

    @classmethod
    def of(cls, template: domain.ChatTemplate) -> Self:
        """Of the domain's template."""
        return cls(parts=[part_of(part) for part in template.parts])


PromptTemplate = Annotated[
    TextTemplate | ChatTemplate, strawberry.union("PromptTemplate", description="What is rendered: a text or a chat.")
]


def template_of(template: domain.PromptTemplate) -> TextTemplate | ChatTemplate:
    """Of the domain's template, as what it is."""
    return TextTemplate.of(template) if isinstance(template, domain.TextTemplate) else ChatTemplate.of(template)


@strawberry.type
class Variable:
    """A `{{placeholder}}` the template names."""

    name: str
    type: VariableType
    description: str | None
    default_value: str | None = strawberry.field(
        description="JSON text, used when no value is given. Null means the variable is required."
    )
    is_required: bool
    allows_system_messages: bool = strawberry.field(
        description="For MESSAGES: whether system and developer messages may be among the values. False for all others."
    )

    @classmethod
    def of(cls, variable: domain.Variable) -> Self:
        """Of the domain's variable."""
        return cls(
            name=variable.name,
            type=variable.type,
            description=variable.description,
            default_value=variable.default_value,
            is_required=variable.is_required,
            allows_system_messages=variable.allows_system_messages,
        )


@strawberry.type
class ModelSettings:
    """The model and parameters a version was written for."""

    model: str | None
    temperature: float | None
    top_p: float | None
    max_output_tokens: int | None
    tools: list[JSONObject] = strawberry.field(description="Tools, in the shape of the OpenAI chat API.")
    response_schema: JSONObject | None = strawberry.field(description="A JSON Schema the answer must follow.")
    extra: JSONObject = strawberry.field(description="Any further parameter, passed to the provider unchanged.")

    @classmethod
    def of(cls, settings: domain.ModelSettings) -> Self:
        """Of the domain's settings."""
        schema = settings.response_schema
        return cls(
            model=settings.model,
            temperature=settings.temperature,
            top_p=settings.top_p,
            max_output_tokens=settings.max_output_tokens,
            tools=[JSONObject(tool) for tool in settings.tools],
            response_schema=None if schema is None else JSONObject(schema),
            extra=JSONObject(settings.extra),
        )


@strawberry.type
class TemplateWarning:
    """Kept as plain text, though it looks like a variable."""

    message: str
    part: int | None = strawberry.field(description="Index of the chat part; null for a text template.")
    line: int = strawberry.field(description="1-based.")
    column: int = strawberry.field(description="1-based, in Unicode code points.")

    @classmethod
    def of(cls, warning: parser.TemplateWarning) -> Self:
        """Of the parser's warning."""
        return cls(message=warning.message, part=warning.part, line=warning.line, column=warning.column)


@strawberry.type
class RenderedText:
    """A text template, filled in."""

    text: str


@strawberry.type
class RenderedChat:
    """A chat template, filled in."""

    messages: list[ChatMessage]


RenderedContent = Annotated[
    RenderedText | RenderedChat,
    strawberry.union("RenderedContent", description="What came out: a text of a text, a chat of a chat."),
]


def content_of(content: str | tuple[domain.ChatMessage, ...]) -> RenderedText | RenderedChat:
    """Of what the renderer made, as what it is."""
    if isinstance(content, str):
        return RenderedText(text=content)
    return RenderedChat(messages=[ChatMessage.of(message) for message in content])

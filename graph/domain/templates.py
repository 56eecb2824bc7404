"""What a version says: its template, variables and model settings, and the digest over them."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graph.domain.json_values import JSONObject, canonical_json


class ChatRole(StrEnum):
    """Who speaks in a chat message."""

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class TemplateKind(StrEnum):
    """Whether a template is one text or a list of chat parts."""

    TEXT = "text"
    CHAT = "chat"


class VariableType(StrEnum):
    """What values a variable takes. MESSAGES is for placeholders only, and placeholders take nothing else."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """One text with `{{variables}}`."""

    text: str

    kind = TemplateKind.TEXT


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message whose content may hold `{{variables}}`, or, once rendered, none."""

    role: ChatRole
    content: str


@dataclass(frozen=True, slots=True)
class MessagesPlaceholder:
    """A place where the caller's own messages go."""

    name: str


ChatPart = ChatMessage | MessagesPlaceholder


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """Messages and placeholders, in order. Never empty."""

    parts: tuple[ChatPart, ...]

    kind = TemplateKind.CHAT


PromptTemplate = TextTemplate | ChatTemplate


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that the template uses.

    `default_value` is JSON text; None means that a value is required. `allows_system_messages` is for
    MESSAGES only: without it, system and developer messages among the values are refused.
    """

    name: str
    type: VariableType = VariableType.STRING
    description: str | None = None
    default_value: str | None = None
    allows_system_messages: bool = False

    @property
    def is_required(self) -> bool:
        """True when rendering needs a value from the caller."""
        return self.default_value is None


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The model and the parameters that a version was written for. Kept and handed on, never read."""

    model: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_output_tokens: int | None = None
    tools: tuple[JSONObject, ...] = ()
    response_schema: JSONObject | None = None
    extra: JSONObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that makes two versions the same or different. Notes, authors and times do not."""

    template: PromptTemplate
    variables: tuple[Variable, ...] = ()
    model_settings: ModelSettings | None = None

    def digest(self) -> str:
        """SHA-256, in hex, of the canonical content. Variables count in any order."""
        return hashlib.sha256(canonical_json(content_to_json(self)).encode()).hexdigest()


def content_to_json(content: Content) -> JSONObject:
    """The content as plain JSON, one way for one content: what the digest and the export are made of."""
    settings = content.model_settings
    return {
        "template": template_to_json(content.template),
        "variables": [variable_to_json(v) for v in sorted(content.variables, key=lambda v: v.name)],
        "modelSettings": settings_to_json(settings) if settings else None,
    }


def template_to_json(template: PromptTemplate) -> JSONObject:
    """`{"text": …}` or `{"chat": [{"role", "content"} | {"placeholder"}]}`."""
    if isinstance(template, TextTemplate):
        return {"text": template.text}
    return {"chat": [_part_to_json(part) for part in template.parts]}


def _part_to_json(part: ChatPart) -> JSONObject:
    if isinstance(part, ChatMessage):
        return {"role": part.role.value, "content": part.content}
    return {"placeholder": part.name}


def template_from_json(value: JSONObject) -> PromptTemplate:
    """The inverse of `template_to_json`. Raises KeyError or ValueError on another shape."""
    if "text" in value:
        return TextTemplate(value["text"])
    return ChatTemplate(tuple(_part_from_json(part) for part in value["chat"]))


def _part_from_json(value: JSONObject) -> ChatPart:
    if "placeholder" in value:
        return MessagesPlaceholder(value["placeholder"])
    return ChatMessage(ChatRole(value["role"]), value["content"])


def variable_to_json(variable: Variable) -> JSONObject:
    """The variable's facts, those that say nothing left out."""
    facts: dict[str, Any] = {"name": variable.name, "type": variable.type.value}
    if variable.description is not None:
        facts["description"] = variable.description
    if variable.default_value is not None:
        facts["defaultValue"] = variable.default_value
    if variable.allows_system_messages:
        facts["allowsSystemMessages"] = True
    return facts


def variable_from_json(value: JSONObject) -> Variable:
    """The inverse of `variable_to_json`. Raises KeyError or ValueError on another shape."""
    return Variable(
        name=value["name"],
        type=VariableType(value.get("type", "string")),
        description=value.get("description"),
        default_value=value.get("defaultValue"),
        allows_system_messages=value.get("allowsSystemMessages", False),
    )


_SETTING_KEYS = {
    "model": "model",
    "temperature": "temperature",
    "topP": "top_p",
    "maxOutputTokens": "max_output_tokens",
    "responseSchema": "response_schema",
}


def settings_to_json(settings: ModelSettings) -> JSONObject:
    """The settings that were given, under their API names."""
    facts = {
        key: value for key, attribute in _SETTING_KEYS.items() if (value := getattr(settings, attribute)) is not None
    }
    if settings.tools:
        facts["tools"] = list(settings.tools)
    if settings.extra:
        facts["extra"] = settings.extra
    return facts


def settings_from_json(value: JSONObject) -> ModelSettings:
    """The inverse of `settings_to_json`."""
    given = {attribute: value[key] for key, attribute in _SETTING_KEYS.items() if key in value}
    return ModelSettings(**given, tools=tuple(value.get("tools", ())), extra=value.get("extra", {}))

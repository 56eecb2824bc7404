"""What LiteLLM's tools send to be kept, in the domain's words. Raises InvalidInputError with the field at fault."""

from dataclasses import dataclass
from typing import Any

from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.parameters import settings_from_parameters
from graph.domain.prompts import VersionDraft
from graph.domain.templates import (
    ChatMessage,
    ChatPart,
    ChatTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    TextTemplate,
)
from graph.exchange.content import read_role
from graph.exchange.litellm_dotprompt import read_dotprompt, split_dotprompt
from graph.exchange.shapes import Fields
from graph.http.litellm.selection import read_environment
from graph.templating.plain import read_plain

_ROADS = ("dotprompt_content", "prompt_data", "messages")


@dataclass(frozen=True, slots=True)
class Given:
    """A body: the version that it means, where it means one, and the label to set on it."""

    prompt_id: str | None
    draft: VersionDraft | None
    label: str | None


def read_prompt(body: Any) -> Given:
    """`{prompt_id, litellm_params, prompt_info}`. Keys of LiteLLM's own workings are passed over."""
    fields = Fields(body)
    prompt_id, params, info = (
        fields.optional("prompt_id", str),
        fields.child("litellm_params"),
        fields.child("prompt_info"),
    )
    note = info.optional("change_note", str) if info else None
    label = read_environment(info.optional("environment", str) if info else None)
    return Given(prompt_id, _read_draft(params, prompt_id, note) if params else None, label)


def _read_draft(params: Fields, prompt_id: str | None, note: str | None) -> VersionDraft:
    integration = params.optional("prompt_integration", str) or "dotprompt"
    if integration != "dotprompt":
        raise InvalidInputError(
            f"Prompts are kept here, not at {integration}: send `prompt_integration` dotprompt.",
            (*params.path, "prompt_integration"),
        )
    name = params.optional("prompt_id", str) or prompt_id
    content, data = params.optional("dotprompt_content", str), params.json("prompt_data")
    messages = params.optional("messages", object)
    is_written_twice = content is not None and messages is not None and data is None
    if sum(given is not None for given in (content, data, messages)) != 1 and not is_written_twice:
        raise InvalidInputError(f"Give one of {', '.join(_ROADS)}.", params.path)
    if messages is not None and content is None:
        return _read_messages(params, messages, note)
    metadata, text = split_dotprompt(content) if content is not None else _read_data(data or {}, name)
    draft = read_dotprompt(metadata, text)
    if is_written_twice:
        _refuse_difference(draft, _read_messages(params, messages, note), params)
    return VersionDraft(draft.template, draft.variables, draft.model_settings, note)


def _refuse_difference(draft: VersionDraft, other: VersionDraft, params: Fields) -> None:
    """Our own answers have both, and come back as they are from who changes something else."""
    if (draft.template, draft.model_settings) != (other.template, other.model_settings):
        raise InvalidInputError(
            "`dotprompt_content` and `messages` with `model` and `parameters` say different things. Leave one out.",
            params.path,
        )


def _read_data(data: JSONObject, name: str | None) -> tuple[JSONObject, str]:
    """Flat, or keyed by the prompt's id."""
    path = ("litellm_params", "prompt_data")
    if "content" not in data:
        if len(data) != 1 and name not in data:
            raise InvalidInputError("It has neither `content` nor this prompt's id.", path)
        data = data[name] if name in data else next(iter(data.values()))
    fields = Fields(data, path)
    return fields.json("metadata") or {}, fields.required("content", str)


def _read_messages(params: Fields, messages: object, note: str | None) -> VersionDraft:
    model, parameters = params.optional("model", str), params.json("parameters") or {}
    path = (*params.path, "messages")
    template: PromptTemplate
    if isinstance(messages, str):
        template = TextTemplate(read_plain(messages))
    elif isinstance(messages, list):
        template = ChatTemplate(
            tuple(_read_part(Fields(part, (*path, str(index)))) for index, part in enumerate(messages))
        )
    else:
        raise InvalidInputError("This must be a list of messages, or a text.", path)
    settings = settings_from_parameters({**parameters, **({"model": model} if model else {})})
    return VersionDraft(template, model_settings=settings, change_note=note)


def _read_part(fields: Fields) -> ChatPart:
    part: ChatPart
    if fields.optional("type", str) == "placeholder":
        part = MessagesPlaceholder(fields.required("name", str))
    else:
        message = read_message(fields)
        part = ChatMessage(message.role, read_plain(message.content))
    fields.finish()
    return part


def read_message(fields: Fields) -> ChatMessage:
    """A role and a text as it is."""
    role = read_role(fields.required("role", str), fields.path)
    return ChatMessage(role, fields.required("content", str))

"""A version as LiteLLM describes one: its `PromptSpec`, and the prompt file inside it.

Where LiteLLM's prompt file cannot say a version exactly there is none (`dotprompt_content` is null); `messages`, which
is our own addition, always says it, and is taken as well as given.
"""

from typing import Any

from graph.domain.json_values import JSONObject
from graph.domain.parameters import settings_to_parameters
from graph.domain.prompts import Prompt, PromptVersion
from graph.domain.templates import ChatPart, MessagesPlaceholder, PromptTemplate, TextTemplate
from graph.exchange.litellm_dotprompt import join_dotprompt, write_dotprompt
from graph.exchange.shapes import write_time
from graph.http.litellm.selection import DEVELOPMENT
from graph.templating.plain import write_plain


def write_spec(
    prompt: Prompt, version: PromptVersion, environment: str = DEVELOPMENT, prompt_id: str | None = None
) -> JSONObject:
    """The version with all that it says."""
    content = write_dotprompt(version.content)
    settings = settings_to_parameters(version.model_settings)
    params = {
        "dotprompt_content": join_dotprompt(*content) if content else None,
        "messages": write_messages(version.template),
        "parameters": {name: value for name, value in settings.items() if name != "model"},
    }
    spec = write_entry(prompt, version, environment, prompt_id)
    return {**spec, "litellm_params": {**spec["litellm_params"], **params}}


def write_entry(
    prompt: Prompt, version: PromptVersion, environment: str = DEVELOPMENT, prompt_id: str | None = None
) -> JSONObject:
    """The version as a line of a list, without its text."""
    model = version.model_settings.model if version.model_settings else None
    return {
        "prompt_id": prompt_id or prompt.name,
        "litellm_params": {"prompt_id": prompt.name, "prompt_integration": "dotprompt", "model": model},
        "prompt_info": {"prompt_type": "db", "environment": environment, "change_note": version.change_note},
        "created_at": write_time(version.created_at),
        "updated_at": write_time(version.created_at),
        "version": version.number,
        "environment": environment,
        "created_by": version.author_id,
    }


def write_raw_template(version: PromptVersion, prompt: Prompt) -> JSONObject | None:
    """The prompt file taken apart; None where there is none."""
    content = write_dotprompt(version.content)
    return {"litellm_prompt_id": prompt.name, "content": content[1], "metadata": content[0]} if content else None


def write_environments(prompt: Prompt) -> list[str]:
    """That of the latest version, and the labels."""
    return [DEVELOPMENT, *sorted(prompt.labels)]


def write_messages(template: PromptTemplate) -> list[dict[str, Any]] | str:
    """The parts of a chat, or the text."""
    if isinstance(template, TextTemplate):
        return write_plain(template.text)
    return [_write_part(part) for part in template.parts]


def _write_part(part: ChatPart) -> dict[str, Any]:
    if isinstance(part, MessagesPlaceholder):
        return {"type": "placeholder", "name": part.name}
    return {"role": part.role.value, "content": write_plain(part.content)}

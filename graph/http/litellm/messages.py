"""A version as the messages that LiteLLM fills in itself, in single braces, and puts the caller's own after."""

from graph.domain.errors import InvalidInputError
from graph.domain.templates import ChatMessage, ChatRole, ChatTemplate, Content, MessagesPlaceholder, TextTemplate
from graph.templating.plain import mistakable, write_single


def write_messages(content: Content) -> list[dict[str, str]]:
    """The messages; a text is what the system says. Raises InvalidInputError where LiteLLM would read another prompt.

    That is so for a placeholder that is not at the end, where the caller's messages go, and for a text that stands in
    single braces and is named as one of the variables.
    """
    if isinstance(content.template, TextTemplate):
        messages: tuple[ChatMessage, ...] = (ChatMessage(ChatRole.SYSTEM, content.template.text),)
    else:
        messages = _without_last_placeholder(content.template)
    names = [variable.name for variable in content.variables]
    if name := mistakable([message.content for message in messages], names):
        raise InvalidInputError(
            f"LiteLLM would put the value of {name!r} also where `{{{name}}}` stands in the text as it is. "
            "Write it otherwise there, or rename the variable."
        )
    return [{"role": message.role.value, "content": write_single(message.content)} for message in messages]


def _without_last_placeholder(template: ChatTemplate) -> tuple[ChatMessage, ...]:
    parts = template.parts
    if isinstance(parts[-1], MessagesPlaceholder):
        parts = parts[:-1]
    if any(isinstance(part, MessagesPlaceholder) for part in parts):
        raise InvalidInputError(
            "LiteLLM puts the caller's messages after the prompt's, so only the last part can be a placeholder. "
            "Render this prompt here: the gateway's `prompt_id` does."
        )
    return tuple(part for part in parts if isinstance(part, ChatMessage))

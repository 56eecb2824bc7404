"""`POST /prompts/test`: a prompt file is put to its model before it is saved. The answer is always a stream."""

from aiohttp import web

from graph.domain.errors import CallerGoneError, InvalidInputError, PromptgraphError
from graph.domain.templates import ChatMessage
from graph.exchange.litellm_dotprompt import read_dotprompt, split_dotprompt
from graph.exchange.shapes import Fields
from graph.http.connected import while_connected
from graph.http.face import Call
from graph.http.litellm.reading import read_message
from graph.http.model_streams import begin_stream, break_off, gone, pass_on
from graph.http.openai_errors import masked, tell
from graph.operations.gateway import open_run
from graph.operations.trials import prepare_trial


async def test(call: Call) -> web.StreamResponse:
    """The model's answer as it comes, in OpenAI's chunks. What goes wrong later is the last event."""
    fields = Fields(await call.json())
    metadata, text = split_dotprompt(fields.required("dotprompt_content", str))
    if not isinstance(metadata.get("model"), str):
        raise InvalidInputError("Model is required in dotprompt metadata", ("dotprompt_content",))
    values, history = fields.json("prompt_variables") or {}, _read_history(fields)
    prepared = await prepare_trial(call.deps, call.access, read_dotprompt(metadata, text), values, history)
    stream: web.StreamResponse | None = None
    try:
        async with while_connected(call.request), open_run(call.deps, prepared) as run:
            stream = await begin_stream(call.request, {})
            await pass_on(run, stream, call.request, call.limits.body_seconds)
    except (CallerGoneError, ConnectionError):
        return gone(stream)
    except Exception as error:
        if stream is None:
            raise
        told = tell(error, {}) if isinstance(error, PromptgraphError) else masked(call.mask.hide(error))
        return await break_off(stream, told)
    return stream


def _read_history(fields: Fields) -> list[ChatMessage]:
    messages: list[ChatMessage] = []
    for message in fields.objects("conversation_history"):
        messages.append(read_message(message))
        message.finish()
    return messages

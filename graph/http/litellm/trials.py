"""`POST /prompts/test`: a prompt file is put to its model before it is saved. The answer is always a stream."""

from contextlib import aclosing, suppress

from aiohttp import web

from graph.domain.errors import CallerGoneError, InvalidInputError, PromptgraphError
from graph.domain.templates import ChatMessage
from graph.exchange.litellm_dotprompt import read_dotprompt, split_dotprompt
from graph.exchange.shapes import Fields
from graph.http.connected import while_connected, write_within
from graph.http.face import Call
from graph.http.litellm.reading import read_message
from graph.http.openai_errors import masked, tell
from graph.operations.gateway import Run, open_run
from graph.operations.trials import prepare_trial

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # proxies in between are asked not to hold back what comes
}
CLIENT_CLOSED_REQUEST = 499


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
            stream = web.StreamResponse(headers=HEADERS)
            await stream.prepare(call.request)
            await _pass_on(run, stream, call)
    except (CallerGoneError, ConnectionError):
        return stream or web.Response(status=CLIENT_CLOSED_REQUEST)
    except Exception as error:
        if stream is None:
            raise
        told = tell(error, {}) if isinstance(error, PromptgraphError) else masked(call.mask.hide(error))
        with suppress(ConnectionError):
            await stream.write(told.event())
    return stream


async def _pass_on(run: Run, stream: web.StreamResponse, call: Call) -> None:
    async with aclosing(run.chunks()) as chunks:
        async for chunk in chunks:
            await write_within(call.request, stream, chunk, call.limits.body_seconds)


def _read_history(fields: Fields) -> list[ChatMessage]:
    messages: list[ChatMessage] = []
    for message in fields.objects("conversation_history"):
        messages.append(read_message(message))
        message.finish()
    return messages

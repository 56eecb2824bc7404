"""The gateway: a call in OpenAI's shape, with a prompt of the registry put in, sent to the model's provider.

`prepare_call` decides what is sent, `open_run` sends it; what it took is recorded for the version when the run ends.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from graph.domain import runs as domain
from graph.domain.actors import Access, Scope
from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject
from graph.domain.outages import UpstreamError
from graph.domain.runs import Figures, Outcome
from graph.operations.deps import Deps
from graph.operations.metering import Meter
from graph.operations.model_requests import complete_body
from graph.operations.prompt_echo import PromptEcho
from graph.operations.rendering import Rendering, render_version
from graph.operations.rights import require
from graph.operations.selectors import AnyVersion, resolve
from graph.upstream.events import EventCutter
from graph.upstream.failures import no_json, of_success
from graph.upstream.protocol import Answer, Call, Endpoint


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """The prompt that a call names, by the one grammar of selectors."""

    text: str
    version: AnyVersion | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """What will be sent. `models` are tried in this order; without a prompt there is no rendering.

    `counts_unasked` is true when we ask a stream for its usage and the caller has not; `echo` is put into the answer.
    """

    call: Call
    models: tuple[str, ...]
    rendering: Rendering | None = None
    label: str | None = None
    counts_unasked: bool = False
    echo: PromptEcho | None = None


async def prepare_call(
    deps: Deps, access: Access, endpoint: Endpoint, given: JSONObject, asked: AskedPrompt | None
) -> PreparedCall:
    """The call that the caller's body and the prompt make together; without a prompt, the body as it is.

    Raises NotFoundError, InvalidInputError, InvalidVariableError and MissingVariablesError: never is a call made
    without the prompt that it names.
    """
    require(access, Scope.RENDER)
    if asked is None:
        return address_call(deps, Call(endpoint, dict(given)), None)
    prompt, version, label = await resolve(deps, access, asked.text, asked.version)
    rendering = await render_version(deps, access, prompt, version, asked.variables, refuses_unknown=True)
    settings = version.model_settings
    body = complete_body(endpoint, given, rendering.rendered.content, settings, prompt.name)
    call = address_call(deps, Call(endpoint, body), settings.model if settings else None, rendering, label)
    if endpoint is Endpoint.RESPONSES:
        return replace(call, echo=PromptEcho(prompt.name, version.number, asked.variables))
    return call


def address_call(
    deps: Deps, call: Call, own: str | None, rendering: Rendering | None = None, label: str | None = None
) -> PreparedCall:
    """The call with the model that it goes to: the caller's, else the prompt's `own`. Raises InvalidInputError."""
    model = deps.models.choose(call.body.get("model"), own)
    if model is None:
        raise InvalidInputError("Name a `model`: neither the call nor the prompt does.", ("model",))
    if not isinstance(model, str):
        raise InvalidInputError("`model` must be a text.", ("model",))
    body = {**call.body, "model": model}
    asks_anyway = _asks_for_usage(body)
    is_counted_here = deps.counts_streams and call.endpoint is Endpoint.CHAT and body.get("stream") is True
    if is_counted_here and not asks_anyway:
        body["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
    return PreparedCall(
        Call(call.endpoint, body),
        tuple(deps.models.candidates(model)),
        rendering,
        label,
        counts_unasked=is_counted_here and not asks_anyway,
    )


def _asks_for_usage(body: Mapping[str, Any]) -> bool:
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        return True  # the provider says what is wrong with it
    return bool(options and options.get("include_usage"))


class Run:
    """A call that is being answered."""

    def __init__(self, answer: Answer, prepared: PreparedCall, meter: Meter, most_bytes: int) -> None:
        self._answer = answer
        self._prepared = prepared
        self._meter = meter
        self._most_bytes = most_bytes

    @property
    def is_streaming(self) -> bool:
        """True for server-sent events."""
        return self._answer.is_streaming

    @property
    def figures(self) -> Figures:
        """What it has taken so far."""
        return self._meter.read()

    async def read(self) -> bytes:
        """The whole answer. Raises UpstreamError."""
        body = await self._answer.read()
        told = self._meter.see_body(body)
        if told is None:
            raise no_json()
        if failure := of_success(told, body):
            raise failure
        return self._prepared.echo.in_body(body) if self._prepared.echo else body

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Whole events, as soon as they are whole, to the letter but for `echo`. Raises UpstreamError."""
        cutter = EventCutter(self._most_bytes)
        async for chunk in self._answer.chunks():
            if told := self._tell(cutter.feed(chunk)):
                yield told
        # Some providers leave out the empty line that ends the last event.
        if (rest := cutter.rest()) and (told := self._tell([rest])):
            yield told

    def _tell(self, events: Sequence[bytes]) -> bytes:
        told = [event for event in events if self._is_for_caller(event)]
        if echo := self._prepared.echo:
            told = [echo.in_event(event) for event in told]
        return b"".join(told)

    def _is_for_caller(self, event: bytes) -> bool:
        """False for the one event that says nothing but the usage, when only we have asked for it."""
        return not (self._meter.see_event(event) and self._prepared.counts_unasked)


@asynccontextmanager
async def open_run(deps: Deps, prepared: PreparedCall) -> AsyncIterator[Run]:
    """The run, as soon as its answer begins; leaving the block early cancels it. Raises UpstreamError.

    However it ends, what it took is recorded for the version.
    """
    meter = Meter(deps.clock)
    outcome = Outcome.FAILED
    answer: Answer | None = None
    try:
        answer = await _first_to_answer(deps, prepared)
        yield Run(answer, prepared, meter, deps.upstream_answer_bytes)
        outcome = meter.outcome(Outcome.DONE)
    except UpstreamError as error:
        outcome = meter.outcome(Outcome.of(error))
        raise
    except (asyncio.CancelledError, GeneratorExit, ConnectionError):
        outcome = meter.outcome(Outcome.CANCELLED)
        raise
    finally:
        if answer:
            answer.close()
        if prepared.rendering:
            deps.store.renders.record_run(domain.Run(prepared.rendering.version.ref, outcome, meter.read()))


async def _first_to_answer(deps: Deps, prepared: PreparedCall) -> Answer:
    *others, last = prepared.models
    for model in others:
        try:
            return await deps.provider.send(_on(prepared.call, model))
        except UpstreamError as error:
            if not error.is_passing:
                raise
    return await deps.provider.send(_on(prepared.call, last))


def _on(call: Call, model: str) -> Call:
    return call if call.model == model else Call(call.endpoint, {**call.body, "model": model})

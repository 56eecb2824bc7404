"""The paths of OpenAI's API: chat completions, responses, models; and feedback on what came of them.

Answers and streams are the provider's own, byte for byte, but for the prompt that an answer of `/responses` names. What
was used is in headers, and what went wrong is told in OpenAI's shape.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from graph.domain.actors import Access
from graph.domain.errors import CallerGoneError, InvalidInputError, NotFoundError, PromptgraphError
from graph.http.auth import Identify
from graph.http.connected import while_connected
from graph.http.errors import Mask, RequestRefusedError, json_response
from graph.http.model_streams import begin_stream, break_off, gone, pass_on
from graph.http.openai_errors import ToldError, masked, tell
from graph.http.parameters import decode_json, read_body
from graph.http.prompt_fields import read_prompt_fields, wire_names
from graph.operations.deps import Deps
from graph.operations.feedback import give_feedback
from graph.operations.gateway import PreparedCall, open_run, prepare_call
from graph.operations.models import list_models
from graph.upstream.protocol import Endpoint

NO_STORE = {"Cache-Control": "no-store"}

Work = Callable[[web.Request, Deps, Access], Awaitable[web.StreamResponse]]


class Gateway:
    """Finds out who calls, lets the operations do it, and tells what came of it.

    `body_bytes` and `body_seconds` bound what is sent; a piece of a stream is taken within as many seconds.
    """

    def __init__(self, identify: Identify, mask: Mask, body_bytes: int, body_seconds: float) -> None:
        self._identify = identify
        self._mask = mask
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds

    def routes(self) -> list[web.RouteDef]:
        """With `/v1` and without, with a slash at the end and without: clients differ in what they make of a URL."""
        chat, responses = self._completing(Endpoint.CHAT), self._completing(Endpoint.RESPONSES)
        feedback = self._answering(self._take_feedback)
        models, model = self._answering(_tell_models), self._answering(_tell_model)
        exact = [
            route
            for path in ("/v1{}", "/v1{}/", "{}", "{}/")
            for route in (
                web.post(path.format("/chat/completions"), chat),
                web.post(path.format("/responses"), responses),
                web.get(path.format("/models"), models),
                web.post(path.format("/feedback"), feedback),
            )
        ]
        return [*exact, web.get("/v1/models/{model:.+}", model), web.get("/models/{model:.+}", model)]

    def _answering(self, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                deps, access = await self._identify(request)
                return await work(request, deps, access)
            except Exception as error:  # noqa: BLE001 - the last line in this shape: logged with its id, shown masked
                return self._told(error, {"renderId": "render_id"}).response()

        return answer

    def _completing(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def complete(request: web.Request) -> web.StreamResponse:
            body: Any = None
            prepared: PreparedCall | None = None
            stream: web.StreamResponse | None = None
            try:
                deps, access = await self._identify(request)
                body = decode_json(await read_body(request, self._body_bytes, self._body_seconds))
                given, asked = read_prompt_fields(body)
                prepared = await prepare_call(deps, access, endpoint, given, asked)
                async with while_connected(request), open_run(deps, prepared) as run:
                    if not run.is_streaming:
                        return _answer(await run.read(), prepared)
                    stream = await begin_stream(request, _used(prepared))
                    await pass_on(run, stream, request, self._body_seconds)
                await stream.write_eof()
            except (CallerGoneError, ConnectionError):
                return gone(stream)
            except Exception as error:  # noqa: BLE001 - what is not our own is logged with its id and shown masked
                told = self._told(error, wire_names(body))
                return await break_off(stream, told) if stream else _refuse(told, prepared)
            return stream

        return complete

    def _told(self, error: Exception, params: Mapping[str, str]) -> ToldError:
        if isinstance(error, PromptgraphError | RequestRefusedError):
            return tell(error, params)
        return masked(self._mask.hide(error))

    async def _take_feedback(self, request: web.Request, deps: Deps, access: Access) -> web.StreamResponse:
        body = decode_json(await read_body(request, self._body_bytes, self._body_seconds))
        if not isinstance(body, dict) or not isinstance(body.get("render_id"), str):
            raise InvalidInputError("Say which rendering it is about: `render_id` is a text.", ("renderId",))
        given = await give_feedback(deps, access, body["render_id"], body.get("score"), body.get("comment"))
        told = {"render_id": given.feedback.render_id, "score": given.feedback.score}
        return json_response({"object": "feedback", **told, "comment": given.feedback.comment}, headers=NO_STORE)


def _answer(body: bytes, prepared: PreparedCall) -> web.Response:
    return web.Response(body=body, headers={**NO_STORE, "Content-Type": "application/json", **_used(prepared)})


def _refuse(told: ToldError, prepared: PreparedCall | None) -> web.Response:
    """Where the provider failed, a prompt was used all the same."""
    response = told.response()
    response.headers.update(_used(prepared) if prepared else {})
    return response


def _used(prepared: PreparedCall) -> dict[str, str]:
    """What was used. A name may hold any character, a header may not, so it is percent-encoded where it must be."""
    headers = {}
    if prepared.rendering:
        headers["X-Promptgraph-Prompt"] = quote(prepared.rendering.prompt.name, safe="/ @:+,;=()!'*&$#?[]")
        headers["X-Promptgraph-Version"] = str(prepared.rendering.version.number)
        headers["X-Promptgraph-Render-Id"] = prepared.rendering.render_id
    if prepared.label:
        headers["X-Promptgraph-Label"] = prepared.label
    return headers


async def _tell_models(request: web.Request, deps: Deps, access: Access) -> web.StreamResponse:
    return json_response({"object": "list", "data": await list_models(deps, access)}, headers=NO_STORE)


async def _tell_model(request: web.Request, deps: Deps, access: Access) -> web.StreamResponse:
    asked = request.match_info["model"]
    for model in await list_models(deps, access):
        if model["id"] == asked:
            return json_response(model, headers=NO_STORE)
    raise NotFoundError("There is no such model.", ("model",))

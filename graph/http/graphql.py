"""The GraphQL endpoint, as "GraphQL over HTTP" has it."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from graphql import ExecutionResult, OperationType

from graph.domain.errors import PromptgraphError
from graph.domain.limits import RequestLimits
from graph.http.costs import Cost
from graph.http.documents import DocumentRefusedError
from graph.http.engine import Engine, has_run
from graph.http.errors import RequestRefusedError, json_response, refusal, refuse
from graph.http.etags import with_etag
from graph.http.explorer import Explorer
from graph.http.live.faces import LiveFaces, is_handshake
from graph.http.live.operation import Caller
from graph.http.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, HTML, JSON, choose_media_type, takes_events
from graph.http.parameters import Parameters, read_get, read_post
from graph.http.rate_limit import charge_of

MakeContext = Callable[[web.Request], Awaitable[Caller]]
NO_STORE = {"Cache-Control": "no-store"}
HOW_TO_SUBSCRIBE = (
    "A subscription needs a connection that stays open: a WebSocket at this path with the sub-protocol "
    "graphql-transport-ws, or a GET or POST that accepts text/event-stream."
)


class GraphQLHandler:
    """Answers POST and GET. `make_context` says who is calling.

    `page` is shown to browsers; without it they are answered as every other caller. `live` takes those who want the
    connection to stay open; without it there are no subscriptions.
    """

    def __init__(
        self,
        engine: Engine,
        limits: RequestLimits,
        make_context: MakeContext,
        page: Explorer | None = None,
        live: LiveFaces | None = None,
    ) -> None:
        self._engine = engine
        self._live = live
        self._limits = limits
        self._make_context = make_context
        self._page = page

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """The answer, whatever happens: only faults of our own are raised."""
        is_read = request.method in ("GET", "HEAD")
        with_page = is_read and self._page is not None
        media_type = choose_media_type(request.headers.get("Accept"), with_page=with_page)
        try:
            if self._live and is_handshake(request):
                return await self._live.serve_socket(request)
            if not is_read and request.method != "POST":
                raise RequestRefusedError(
                    405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", {"Allow": "GET, POST"}
                )
            if media_type is None:
                message = f"Accept {GRAPHQL_RESPONSE} or {JSON}: nothing else is served here."
                raise RequestRefusedError(406, "NOT_ACCEPTABLE", message)
            if media_type == HTML and self._page:
                return self._page.respond()
            parameters = read_get(request) if is_read else await read_post(request, self._limits)
            context = await self._make_context(request)
            return await self._run(request, parameters, context, media_type)
        except RequestRefusedError as error:
            extensions = {"code": error.code}
            return refusal(error.status, error.message, extensions, error.headers, _for_refusal(media_type))
        except PromptgraphError as error:
            return refuse(error, _for_refusal(media_type))

    async def _run(
        self, request: web.Request, parameters: Parameters, context: Caller, media_type: str
    ) -> web.StreamResponse:
        is_read = request.method != "POST"
        if media_type == EVENT_STREAM:
            return await self._stream(request, parameters, context)
        try:
            document = self._engine.prepare(parameters.query)
            operation_type = document.operation_type(parameters.operation_name)
            cost = self._engine.price(document, parameters)
        except DocumentRefusedError as error:
            return self._answer(ExecutionResult(None, error.errors), media_type)
        if operation_type is OperationType.SUBSCRIPTION:
            if takes_events(request.headers.get("Accept")):
                return await self._stream(request, parameters, context)
            raise RequestRefusedError(400, "OPERATION_NOT_SUPPORTED", HOW_TO_SUBSCRIBE)
        if is_read and operation_type is not OperationType.QUERY:
            raise RequestRefusedError(405, "METHOD_NOT_ALLOWED", "Send mutations by POST.", {"Allow": "POST"})
        await cost.charge(charge_of(request))
        result = await self._engine.execute(document, parameters, context)
        answer = self._answer(result, media_type, cost)
        return with_etag(request, answer) if is_read and not result.errors else answer

    async def _stream(self, request: web.Request, parameters: Parameters, context: Caller) -> web.StreamResponse:
        if self._live is None or request.method == "HEAD":
            raise RequestRefusedError(400, "OPERATION_NOT_SUPPORTED", HOW_TO_SUBSCRIBE)
        return await self._live.serve_events(request, parameters, context)

    def _answer(self, result: ExecutionResult, media_type: str, cost: Cost | None = None) -> web.Response:
        """Write the result. When nothing was run there is no `data`, and the newer media type says so by its status."""
        # The draft of August 2026 recommends 422 for some of these; the field's servers and audits say 400 as yet.
        status = 200 if has_run(result) or media_type == JSON else 400
        return json_response(self._engine.tell(result, cost), status, NO_STORE, media_type)


def _for_refusal(media_type: str | None) -> str:
    """A request that is refused as a whole is no stream of events, whatever it asked for."""
    return GRAPHQL_RESPONSE if media_type == GRAPHQL_RESPONSE else JSON

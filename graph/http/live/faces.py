"""What the endpoint hands over to: sockets, and streams of events."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from graph.domain.limits import LiveLimits
from graph.http.auth import Credentials, read_credentials, read_init_payload
from graph.http.engine import Engine
from graph.http.live.connections import Connections
from graph.http.live.event_stream import EventStream, open_event_stream
from graph.http.live.messages import PROTOCOL, Code
from graph.http.live.operation import Caller, Operation
from graph.http.live.operation_events import frame_next, read_operation, tell_operation
from graph.http.live.socket import Join, Socket, open_socket
from graph.http.live.subscriptions import Subscriptions
from graph.http.parameters import Parameters

JoinRequest = Callable[[web.Request, Credentials], Awaitable[Caller]]
"""Finds out who is calling, by credentials that came with the request or on its socket. Raises PromptgraphError."""


FindCaller = Callable[[web.Request], str]
"""Who is at the other end, as far as a request without a key says it."""


class LiveFaces:
    """The open connections of one server."""

    def __init__(
        self,
        engine: Engine,
        limits: LiveLimits,
        join: JoinRequest,
        find_caller: FindCaller = lambda request: str(request.remote),
    ) -> None:
        self.connections = Connections(limits)
        self.subscriptions = Subscriptions(limits)
        self._engine = engine
        self._limits = limits
        self._join = join
        self._find_caller = find_caller

    def attach(self, app: web.Application) -> None:
        """Lets the application look after them, and end them before it ends."""
        app.cleanup_ctx.append(self.connections.look_after)
        app.on_shutdown.append(self.connections.say_goodbye)
        app[LIVE] = self

    async def serve_socket(self, request: web.Request) -> web.StreamResponse:
        """Answers a handshake. Raises RequestRefusedError when there are too many already."""
        self.connections.refuse_more()
        given = read_credentials(request)
        with self.connections.counting(self._find_caller(request)) as stranger:

            async def join(payload: dict[str, Any]) -> Caller:
                caller = await self._join(request, read_init_payload(payload, given))
                if caller.is_known:
                    stranger.leave()
                return caller

            return await self._serve_socket(request, join)

    async def _serve_socket(self, request: web.Request, join: Join) -> web.StreamResponse:
        response, outlet = await open_socket(request, self._limits)
        socket = Socket(self._engine, self.subscriptions, self._limits, join, response, outlet)
        with self.connections.keeping(socket):
            if response.ws_protocol == PROTOCOL:
                await socket.serve()
            else:
                reason = b"Subprotocol not acceptable"
                await response.close(code=Code.SUBPROTOCOL_NOT_ACCEPTABLE, message=reason)
        return response

    async def serve_events(self, request: web.Request, parameters: Parameters, caller: Caller) -> web.StreamResponse:
        """Answers with a stream of events. Raises RequestRefusedError before it has begun."""
        self.connections.refuse_more()
        operation = read_operation(self._engine, parameters, caller, is_read=request.method != "POST")
        if isinstance(operation, Operation):
            await caller.pay(operation.cost.requests - 1)
        response, outlet = await open_event_stream(request)
        stream = EventStream(self._limits, outlet, frame_next)
        with self.connections.keeping(stream):
            may_write = isinstance(operation, Operation) and operation.may_write
            await stream.serve(tell_operation(self._engine, self.subscriptions, operation, stream), may_write=may_write)
        return response


def is_handshake(request: web.Request) -> bool:
    """True when the client asks for a WebSocket."""
    return request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket"


LIVE = web.AppKey("live", LiveFaces)

"""One WebSocket, and `graphql-transport-ws` on it: any number of operations at once, each under its id."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from aiohttp import WSMsgType, web
from graphql import OperationType

from graph.domain.denials import AccessError, TooManyOperationsError
from graph.domain.errors import PromptgraphError, UserError
from graph.domain.limits import LiveLimits
from graph.http.documents import DocumentRefusedError
from graph.http.engine import Engine
from graph.http.live import messages
from graph.http.live.messages import Code, Complete, Heard, Init, Ping, SocketClosedError, Subscribe
from graph.http.live.operation import Caller, Message, RefusedError, prepare
from graph.http.live.outlet import Outlet
from graph.http.live.pace import Pace
from graph.http.live.subscriptions import Subscriptions
from graph.http.parameters import Parameters

CLOSE_SECONDS = 2.0

Join = Callable[[dict[str, object]], Awaitable[Caller]]
"""Finds out who is calling, by the payload of `connection_init`. Raises PromptgraphError."""


class OperationWire:
    """The way to one operation's client: each message is its bytes between the operation's own."""

    __slots__ = ("_head", "_outlet", "is_open")

    def __init__(self, outlet: Outlet, operation_id: str) -> None:
        self._outlet = outlet
        self._head = messages.next_head(operation_id)
        self.is_open = True

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return self._outlet.backlog

    async def send(self, message: Message) -> None:
        """Sends a `next`, unless the client has completed the operation."""
        if self.is_open:
            await self._outlet.send(self._head + message.payload + b"}")

    async def drain(self) -> None:
        """Waits until there is room for more."""
        await self._outlet.drain()


@dataclass(slots=True)
class Running:
    """An operation that runs, and whether it may be broken off: what writes is let finish."""

    wire: OperationWire
    task: asyncio.Task[None] = field(init=False)
    is_subscription: bool = False

    def stop(self) -> None:
        """Its client wants no more of it."""
        self.wire.is_open = False
        if self.is_subscription:
            self.task.cancel()


class Socket:
    """One client's connection, from its handshake to its close."""

    def __init__(
        self,
        engine: Engine,
        subscriptions: Subscriptions,
        limits: LiveLimits,
        join: Join,
        response: web.WebSocketResponse,
        outlet: Outlet,
    ) -> None:
        self.outlet = outlet
        self._engine = engine
        self._subscriptions = subscriptions
        self._limits = limits
        self._join = join
        self._response = response
        self._pace = Pace(limits.messages)
        self._has_begun = False
        self._caller: Caller | None = None
        self._running: dict[str, Running] = {}
        self._closing: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Until one of the two sides closes it."""
        late = partial(self._close_soon, Code.INITIALISATION_TIMEOUT, "Connection initialisation timeout")
        timer = asyncio.get_running_loop().call_later(self._limits.init_seconds, late)
        try:
            await self._listen(timer)
        except SocketClosedError as error:
            await self._close(error.code, error.reason)
        except ConnectionError:
            pass
        finally:
            timer.cancel()
            await self._stop_all()
            if self._closing:
                await self._closing

    async def say_goodbye(self) -> None:
        """The server stops."""
        await self._close(Code.GOING_AWAY, b"The server stops. Connect again.")

    async def _listen(self, timer: asyncio.TimerHandle) -> None:
        async for frame in self._response:
            if frame.type is WSMsgType.ERROR:
                return
            if frame.type is not WSMsgType.TEXT:
                raise SocketClosedError(Code.INVALID_MESSAGE, "Send text: the protocol has no binary messages.")
            await self._pace.keep()
            message = messages.read_message(frame.data)
            if isinstance(message, Init):
                timer.cancel()
            await self._hear(message)

    async def _hear(self, message: Heard) -> None:
        if isinstance(message, Init):
            await self._begin(message)
        elif isinstance(message, Ping):
            payload = {} if message.payload is None else {"payload": message.payload}
            await self.outlet.send(messages.write("pong", **payload))
            await self.outlet.drain()
        elif isinstance(message, Subscribe):
            await self._subscribe(message)
        elif isinstance(message, Complete) and (running := self._running.pop(message.id, None)):
            running.stop()

    async def _begin(self, message: Init) -> None:
        if self._has_begun:
            raise SocketClosedError(Code.TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
        self._has_begun = True
        try:
            self._caller = await self._join(message.payload)
        except AccessError as error:
            raise SocketClosedError(Code.FORBIDDEN, f"Forbidden: {error.message}") from None
        except UserError as error:
            raise SocketClosedError(Code.INVALID_MESSAGE, error.message) from None
        except PromptgraphError as error:
            raise SocketClosedError(Code.TRY_AGAIN_LATER, error.message) from None
        await self.outlet.send(messages.write("connection_ack"))

    async def _subscribe(self, message: Subscribe) -> None:
        if self._caller is None:
            raise SocketClosedError(Code.UNAUTHORIZED, "Unauthorized")
        if message.id in self._running:
            reason = f"Subscriber for {message.id} already exists"
            raise SocketClosedError(Code.SUBSCRIBER_ALREADY_EXISTS, reason)
        if len(self._running) >= self._limits.operations:
            errors = self._engine.tell_failure(TooManyOperationsError(self._limits.operations))
            await self.outlet.send(messages.write_error(message.id, errors))
            await self.outlet.drain()
            return
        running = self._running[message.id] = Running(OperationWire(self.outlet, message.id))
        running.task = asyncio.create_task(self._run(running, message, self._caller))

    async def _run(self, running: Running, message: Subscribe, caller: Caller) -> None:
        try:
            end = await self._answer(running, message, caller)
            # The id is free again before the client can know that it is.
            if self._running.get(message.id) is running:
                del self._running[message.id]
            if running.wire.is_open:
                await self.outlet.send(end)
        except ConnectionError:
            self.outlet.drop()

    async def _answer(self, running: Running, message: Subscribe, caller: Caller) -> bytes:
        """Runs the operation and sends what it answers; the message that ends it."""
        try:
            await self._operate(running, message.parameters, await caller.renew(lambda: running.wire.is_open))
        except DocumentRefusedError as error:
            return messages.write_error(message.id, self._engine.tell_errors(error.errors))
        except RefusedError as error:
            return messages.write_error(message.id, error.errors)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - the last line: logged with its id, shown masked
            return messages.write_error(message.id, self._engine.tell_failure(error))
        return messages.write("complete", id=message.id)

    async def _operate(self, running: Running, parameters: Parameters, caller: Caller) -> None:
        await caller.pay(1)  # before anything is read: what is not valid is paid for too
        operation = prepare(self._engine, parameters, caller)
        await caller.pay(operation.cost.requests - 1)
        if operation.type is OperationType.SUBSCRIPTION:
            running.is_subscription = True
            if running.wire.is_open:  # its client may have completed it, or left, before it could be broken off
                await self._subscriptions.serve(operation, running.wire)
        else:
            await running.wire.send(await operation.run())

    def _close_soon(self, code: Code, reason: str) -> None:
        self._closing = asyncio.create_task(self._close(code, reason.encode()))

    async def _close(self, code: Code, reason: bytes) -> None:
        """Says why, and waits a moment until the client has heard it."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._response.close(code=code, message=reason)
        except (TimeoutError, ConnectionError):
            self.outlet.drop()

    async def _stop_all(self) -> None:
        tasks = [running.task for running in self._running.values()]
        for running in tuple(self._running.values()):
            running.stop()
        self._running.clear()
        if tasks:
            await asyncio.wait(tasks)


async def open_socket(request: web.Request, limits: LiveLimits) -> tuple[web.WebSocketResponse, Outlet]:
    """Shakes hands. Frames are not compressed: they are encoded once for all who read them."""
    response = web.WebSocketResponse(
        protocols=(messages.PROTOCOL,),
        heartbeat=limits.heartbeat_seconds,
        timeout=CLOSE_SECONDS,
        compress=False,
        max_msg_size=limits.message_bytes,
        writer_limit=sys.maxsize,  # so that writing never waits: the outlet counts what is not sent
    )
    writer = await response.prepare(request)
    return response, Outlet(request, writer, lambda frame: response.send_frame(frame, WSMsgType.TEXT))

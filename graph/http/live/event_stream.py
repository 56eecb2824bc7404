"""One operation over server-sent events: the distinct-connections mode of "GraphQL over SSE".

The protocol is PROTOCOL.md of npm's `graphql-sse`. Each message of the feed has its cursor as its `id`, so that a
browser's EventSource that connects again says in `Last-Event-ID` where to go on.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.http_writer import StreamWriter
from graphql import OperationType

from graph.domain.json_values import compact_json
from graph.domain.limits import LiveLimits
from graph.http.documents import DocumentRefusedError
from graph.http.engine import Engine
from graph.http.errors import RequestRefusedError
from graph.http.live.operation import Caller, Message, Operation, RefusedError, prepare
from graph.http.live.outlet import Outlet
from graph.http.live.subscriptions import Subscriptions
from graph.http.negotiation import EVENT_STREAM
from graph.http.parameters import Parameters

LOOK_SECONDS = 1.0
HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream:
    """One client's connection."""

    def __init__(self, engine: Engine, subscriptions: Subscriptions, limits: LiveLimits, outlet: Outlet) -> None:
        self.outlet = outlet
        self._engine = engine
        self._subscriptions = subscriptions
        self._limits = limits
        self._sent_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return self.outlet.backlog

    async def send(self, message: Message) -> None:
        """Sends a `next`."""
        place = b"" if message.place is None else b"id: " + message.place.cursor.encode() + b"\n"
        await self._write(b"event: next\n" + place + b"data: " + message.payload + b"\n\n")

    async def drain(self) -> None:
        """Waits until there is room for more."""
        await self.outlet.drain()

    async def serve(self, operation: Operation | list[Any]) -> None:
        """Runs the operation, or tells the errors that it has, until its end or the client's."""
        loop = asyncio.get_running_loop()
        self._sent_at = loop.time()
        self._task = task = asyncio.create_task(self._answer(operation))
        try:
            while not (await asyncio.wait([task], timeout=LOOK_SECONDS))[0]:
                if self.outlet.is_gone:
                    return
                if loop.time() >= self._sent_at + self._limits.heartbeat_seconds:
                    await self._write(HEARTBEAT)
        except ConnectionError:
            return
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def say_goodbye(self) -> None:
        """The server stops. Nothing is said: a client that hears no `complete` connects again."""
        if self._task:
            self._task.cancel()

    async def _answer(self, operation: Operation | list[Any]) -> None:
        try:
            if isinstance(operation, list):
                raise RefusedError(operation)
            if operation.type is OperationType.SUBSCRIPTION:
                await self._subscriptions.serve(operation, self)
            else:
                await self.send(await operation.run())
        except RefusedError as error:
            await self._tell(error.errors)
        except ConnectionError:
            return
        except Exception as error:  # noqa: BLE001 - the last line: logged with its id, shown masked
            await self._tell(self._engine.tell_failure(error))
        with suppress(ConnectionError):
            await self._write(COMPLETE)

    async def _tell(self, errors: list[Any]) -> None:
        with suppress(ConnectionError):
            await self.send(Message(compact_json({"errors": errors}).encode()))

    async def _write(self, frame: bytes) -> None:
        self._sent_at = asyncio.get_running_loop().time()
        await self.outlet.send(frame)


def read_operation(
    engine: Engine, parameters: Parameters, caller: Caller, *, is_read: bool
) -> Operation | list[dict[str, Any]]:
    """The operation, or the errors that its document has. Raises RequestRefusedError for a mutation by GET."""
    try:
        operation = prepare(engine, parameters, caller)
    except DocumentRefusedError as error:
        return engine.tell_errors(error.errors)
    if is_read and operation.type is OperationType.MUTATION:
        raise RequestRefusedError(405, "METHOD_NOT_ALLOWED", "Send mutations by POST.", {"Allow": "POST"})
    return operation


async def open_event_stream(request: web.Request) -> tuple[web.StreamResponse, Outlet]:
    """Begins the answer."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": f"{EVENT_STREAM}; charset=utf-8"})
    writer = await response.prepare(request)
    if not isinstance(writer, StreamWriter):
        raise TypeError("only aiohttp's own writer writes without waiting")
    return response, Outlet(request, writer, partial(writer.write, drain=False))

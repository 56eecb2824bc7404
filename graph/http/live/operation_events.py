"""One operation over server-sent events: the distinct-connections mode of "GraphQL over SSE".

The protocol is PROTOCOL.md of npm's `graphql-sse`. Each message of the feed has its cursor as its `id`, so that a
browser's EventSource that connects again says in `Last-Event-ID` where to go on.
"""

from contextlib import suppress
from typing import Any

from graphql import OperationType

from graph.domain.json_values import compact_json
from graph.http.documents import DocumentRefusedError
from graph.http.engine import Engine
from graph.http.errors import RequestRefusedError
from graph.http.live.event_stream import EventStream
from graph.http.live.operation import Caller, Message, Operation, RefusedError, prepare
from graph.http.live.subscriptions import Subscriptions
from graph.http.parameters import Parameters

COMPLETE = b"event: complete\ndata:\n\n"


def frame_next(message: Message) -> bytes:
    """A `next`."""
    place = b"" if message.place is None else b"id: " + message.place.cursor.encode() + b"\n"
    return b"event: next\n" + place + b"data: " + message.payload + b"\n\n"


async def tell_operation(
    engine: Engine, subscriptions: Subscriptions, operation: Operation | list[Any], stream: EventStream
) -> None:
    """Runs the operation, or tells the errors that it has, and then says that it is complete."""
    try:
        if isinstance(operation, list):
            raise RefusedError(operation)
        if operation.type is OperationType.SUBSCRIPTION:
            await subscriptions.serve(operation, stream)
        else:
            await stream.send(await operation.run())
    except RefusedError as error:
        await _tell_errors(stream, error.errors)
    except ConnectionError:
        return
    except Exception as error:  # noqa: BLE001 - the last line: logged with its id, shown masked
        await _tell_errors(stream, engine.tell_failure(error))
    with suppress(ConnectionError):
        await stream.write(COMPLETE)


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


async def _tell_errors(stream: EventStream, errors: list[Any]) -> None:
    with suppress(ConnectionError):
        await stream.send(Message(compact_json({"errors": errors}).encode()))

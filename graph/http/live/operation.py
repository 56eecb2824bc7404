"""One operation as it was asked for, and each message that it answers with."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import ExecutionResult, GraphQLError, OperationType

from graph.domain.feed import Place
from graph.domain.json_values import compact_json
from graph.domain.outages import UnavailableError
from graph.http.costs import Cost
from graph.http.documents import Document
from graph.http.engine import Engine, has_run
from graph.http.errors import Formatted
from graph.http.parameters import Parameters
from graph.operations.presence import IsWanted
from search_sync.tasks import heed_cancellation

PAUSE_SECONDS = 0.25
TRIES = 40


class Caller(Protocol):
    """The context that resolvers are given."""

    @property
    def identity(self) -> Hashable:
        """All that answers can depend on, but for the request: equal for callers who are told the same."""

    @property
    def is_known(self) -> bool:
        """False for a caller without a key."""

    async def pay(self, requests: int) -> None:
        """Charges the caller as for so many requests. Raises RateLimitedError."""

    async def renew(self, is_wanted: IsWanted | None = None) -> "Caller":
        """A fresh context of the same caller, with the rights of now, for an operation whose answer is wanted so long.

        Raises UnauthenticatedError.
        """


@dataclass(frozen=True, slots=True)
class Message:
    """A response, encoded. `place` is None where a stream has no places."""

    payload: bytes
    place: Place | None = None


class RefusedError(Exception):
    """The operation was not run; `errors` tell why, as they are shown."""

    def __init__(self, errors: list[Formatted]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Operation:
    """A document with its parameters and its caller, found fit to run; its `cost` is not charged yet."""

    engine: Engine
    document: Document
    parameters: Parameters
    caller: Caller
    type: OperationType
    cost: Cost

    @property
    def may_write(self) -> bool:
        """True for what is let finish, even when its client has left."""
        return self.type is OperationType.MUTATION

    @property
    def key(self) -> Hashable:
        """Equal for operations whose messages are the same, wherever they begin."""
        variables = {k: v for k, v in (self.parameters.variables or {}).items() if k not in self.document.places}
        asked = json.dumps(variables, sort_keys=True, ensure_ascii=False)
        return self.parameters.query, self.parameters.operation_name, asked, self.caller.identity

    async def run(self) -> Message:
        """The answer of a query or a mutation. Raises RefusedError."""
        result = await self.engine.execute(self.document, self.parameters, self.caller)
        return Message(self._encode(self._accept(result), self.cost))

    async def open(self) -> AsyncIterator[Any]:
        """What a subscription's field tells of. Raises RefusedError."""
        source = await self.engine.subscribe(self.document, self.parameters, self.caller)
        if isinstance(source, ExecutionResult):
            raise RefusedError(self.engine.tell_errors(source.errors or []))
        return aiter(source)

    async def tell(self, value: Any) -> Message:
        """The message of one thing that the field told of, as it is now. A store that is away is waited for."""
        tries = TRIES
        while True:
            tries -= 1
            heed_cancellation()
            try:
                result = await self.engine.execute(self.document, self.parameters, await self.caller.renew(), value)
            except UnavailableError:
                if not tries:
                    raise
            else:
                if not tries or not _is_unavailable(result.errors):
                    break
            await asyncio.sleep(PAUSE_SECONDS)
        return Message(self._encode(result), getattr(value, "place", None))

    def _accept(self, result: ExecutionResult) -> ExecutionResult:
        if has_run(result):
            return result
        raise RefusedError(self.engine.tell_errors(result.errors or []))

    def _encode(self, result: ExecutionResult, cost: Cost | None = None) -> bytes:
        return compact_json(self.engine.tell(result, cost)).encode()


def prepare(engine: Engine, parameters: Parameters, caller: Caller) -> Operation:
    """The operation that is asked for. Raises DocumentRefusedError for one that is not valid, unclear or too costly."""
    document = engine.prepare(parameters.query)
    kind = document.operation_type(parameters.operation_name)
    return Operation(engine, document, parameters, caller, kind, engine.price(document, parameters))


async def close(source: AsyncIterable[Any]) -> None:
    """Ends a source that is not read any further."""
    if isinstance(source, AsyncGenerator):
        await source.aclose()


def _is_unavailable(errors: list[GraphQLError] | None) -> bool:
    return any(isinstance(error.original_error, UnavailableError) for error in errors or ())

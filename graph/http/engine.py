"""Runs GraphQL for every transport: documents that are known already, through graphql-core itself.

Queries run straight through graphql-core's `execute`: Strawberry's view and `schema.execute` would parse, validate and
wrap each request anew. Strawberry's schema extensions live in that wrapping and would not run here, so a schema that
has some is refused at the start.
"""

from collections.abc import AsyncIterable, Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeGuard, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, create_source_event_stream, execute
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable

from graph.domain.limits import Limits, RequestLimits
from graph.http.costs import Cost, check_variables, cost_of
from graph.http.documents import Document, DocumentRefusedError, Documents
from graph.http.errors import Formatted, Mask
from graph.http.parameters import Parameters

# Strawberry's is quicker on plain values and says less about its type.
_IS_AWAITABLE = cast(Callable[[Any], TypeGuard[Awaitable[Any]]], optimized_is_awaitable)

NoteErrors = Callable[[object, list[GraphQLError]], None]
"""Is given the context and the errors of what was run, for the record."""


class Engine:
    """One schema, ready to run. `mask` says what of an error is shown.

    `pages` says how large pages are, `show_cost` whether answers tell what they cost; `note_errors` keeps the record.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: RequestLimits,
        mask: Mask,
        pages: Limits | None = None,
        *,
        introspection: bool = True,
        show_cost: bool = False,
        note_errors: NoteErrors = lambda context, errors: None,
    ) -> None:
        if schema.get_extensions():
            raise ValueError("Schema extensions do not run here: use a field extension, or the context.")
        self._schema = schema._schema
        self._executor = schema.execution_context_class or Executor
        self._documents = Documents(self._schema, limits, pages, introspection=introspection)
        self._limits = limits
        self._show_cost = show_cost
        self._mask = mask
        self._note_errors = note_errors

    def prepare(self, query: str) -> Document:
        """The document of a query, bounded and validated. Raises DocumentRefusedError."""
        return self._documents.prepare(query)

    def price(self, document: Document, parameters: Parameters) -> Cost:
        """What the request costs; its operation must be clear. Raises DocumentRefusedError when that is too much."""
        try:
            check_variables(parameters.variables, self._limits)
            return cost_of(document.points(parameters.operation_name, parameters.variables), self._limits)
        except GraphQLError as error:
            raise DocumentRefusedError([error]) from None

    async def execute(
        self, document: Document, parameters: Parameters, context: object, event: object = None
    ) -> ExecutionResult:
        """Runs a query or a mutation; or a subscription's selection on one `event` of its source."""
        result = execute(
            self._schema,
            document.node,
            event,
            context,
            parameters.variables,
            parameters.operation_name,
            executor_class=self._executor,
            is_awaitable=_IS_AWAITABLE,
        )
        result = await result if isawaitable(result) else result
        if result.errors:
            self._note_errors(context, result.errors)
        return result

    async def subscribe(
        self, document: Document, parameters: Parameters, context: object
    ) -> AsyncIterable[Any] | ExecutionResult:
        """The events that a subscription's field tells of, or the errors that kept it from telling."""
        executor = self._executor.build(
            self._schema,
            document.node,
            None,
            context,
            parameters.variables,
            parameters.operation_name,
            is_awaitable=_IS_AWAITABLE,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        source = create_source_event_stream(executor)
        source = await source if isawaitable(source) else source
        if isinstance(source, ExecutionResult) and source.errors:
            self._note_errors(context, source.errors)
        return source

    def tell(self, result: ExecutionResult, cost: Cost | None = None) -> dict[str, Any]:
        """The response as a map, `data` in it only when something was run."""
        response: dict[str, Any] = {}
        if result.errors:
            response["errors"] = self.tell_errors(result.errors)
        if not result.errors or has_run(result):
            response["data"] = result.data
        if cost is not None and self._show_cost:
            response["extensions"] = {"cost": cost.tell()}
        return response

    def tell_failure(self, error: Exception) -> list[Formatted]:
        """What is shown of what has ended a stream."""
        return [self._mask.failure(error)]

    def tell_errors(self, errors: list[GraphQLError]) -> list[Formatted]:
        """What is shown of errors."""
        return [self._mask(error) for error in errors]


def has_run(result: ExecutionResult) -> bool:
    """False when the request was refused before any field was run."""
    return result.data is not None or any(error.path is not None for error in result.errors or ())

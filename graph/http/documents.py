"""Queries that are known already: parsed, bounded and validated once, then kept.

Parsing and validating cost some fifteen times what running a small query does, and programs send the
same few texts for ever. Only valid documents are kept, so that nonsense cannot push them out.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    SKIP,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Node,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.domain.limits import Limits, RequestLimits
from graph.http.bounds import check_document, check_text
from graph.schema.pricing import Price, Pricing, price_of

PLACE = "after"
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class NoIntrospection(NoSchemaIntrospectionCustomRule):
    """Refuses `__schema` and `__type`."""

    def report_error(self, error: GraphQLError) -> None:
        """Under a code of its own."""
        error.extensions = {"code": "INTROSPECTION_OFF"}
        super().report_error(error)


class DocumentRefusedError(Exception):
    """The query cannot be run; `errors` tell why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document and the kind of each of its operations, by name.

    `places` are the variables that say only where a subscription begins: its field's `after`, and nothing else.
    """

    node: DocumentNode
    operations: dict[str | None, OperationType]
    prices: dict[str | None, Price]
    size: int
    places: frozenset[str]

    def points(self, name: str | None, variables: Mapping[str, Any] | None) -> int:
        """What the operation costs, which `operation_type` has found."""
        return price_of(self.prices[name] if name in self.prices else next(iter(self.prices.values())), variables)

    def operation_type(self, name: str | None) -> OperationType:
        """The kind of the operation to run. Raises DocumentRefusedError when it is not clear which one that is."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name in self.operations and name is not None:
            return self.operations[name]
        known = ", ".join(sorted(key for key in self.operations if key))
        message = f"There is no operation named {name!r}." if name else "Say which operation to run in `operationName`."
        message += f" The query defines: {known}." if known else ""
        raise DocumentRefusedError([GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})])


class Documents:
    """The valid documents of one schema, the least recently used forgotten first."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: RequestLimits,
        pages: Limits | None = None,
        *,
        introspection: bool = True,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._pricing = Pricing(schema, pages or Limits())
        self._introspection = introspection
        self._rules = RULES if introspection else (*RULES, NoIntrospection)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._bytes = 0

    def prepare(self, query: str) -> Document:
        """The document of a query. Raises DocumentRefusedError."""
        if document := self._kept.get(query):
            self._kept.move_to_end(query)
            return document
        try:
            document = self._read(query)
        except GraphQLError as error:
            raise DocumentRefusedError([error]) from None
        self._keep(query, document)
        return document

    def _read(self, query: str) -> Document:
        check_text(query, self._limits)
        try:
            node = parse(query)
        except GraphQLSyntaxError as error:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            raise
        check_document(node, self._limits)
        most = self._limits.validation_errors
        # Suggestions would tell names of the schema, one by one.
        hide = not self._introspection
        if errors := validate(self._schema, node, self._rules, max_errors=most, hide_suggestions=hide):
            for fault in errors:
                fault.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(fault.extensions or {})}
            raise DocumentRefusedError(errors)
        return Document(node, _operations(node), self._pricing.of(node), len(query.encode()), _places(node))

    def _keep(self, query: str, document: Document) -> None:
        self._kept[query] = document
        self._bytes += document.size
        while len(self._kept) > self._limits.documents or self._bytes > self._limits.document_bytes:
            _, forgotten = self._kept.popitem(last=False)
            self._bytes -= forgotten.size

    def __len__(self) -> int:
        return len(self._kept)


def _operations(document: DocumentNode) -> dict[str | None, OperationType]:
    return {
        node.name.value if node.name else None: node.operation
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }


def _places(document: DocumentNode) -> frozenset[str]:
    if not any(_is_subscription(one) for one in document.definitions):
        return frozenset()
    uses: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for definition in document.definitions:
        _count_uses(definition, uses)
        if isinstance(definition, OperationDefinitionNode) and _is_subscription(definition):
            for field in definition.selection_set.selections:
                places.update(_after(field))
    return frozenset(name for name, count in places.items() if uses[name] == count)


def _is_subscription(definition: Node) -> bool:
    return isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.SUBSCRIPTION


def _after(field: SelectionNode) -> list[str]:
    arguments = field.arguments or () if isinstance(field, FieldNode) else ()
    values = [argument.value for argument in arguments if argument.name.value == PLACE]
    return [value.name.value for value in values if isinstance(value, VariableNode)]


def _count_uses(definition: Node, uses: Counter[str]) -> None:
    class Count(Visitor):
        def enter_variable_definition(self, *_: object) -> VisitorAction:
            return SKIP

        def enter_variable(self, node: VariableNode, *_: object) -> None:
            uses[node.name.value] += 1

    visit(definition, Count())

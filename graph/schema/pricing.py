"""What a document costs, worked out once when it is read: a number, or where variables say how large pages are, a sum.

prices = Pricing(schema, Limits()).of(document)
points = prices[operation_name](variables)
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from graph.domain.limits import Limits
from graph.schema.costs import COUNTED, INTROSPECTION, MUTATION, SIZES, WEIGHTS

Variables = Mapping[str, Any]
Price = int | Callable[[Variables], int]
"""Points, or what tells them when the variables are known."""

PAGED = ("edges", "nodes")


def price_of(price: Price, variables: Variables | None) -> int:
    """The points."""
    return price if isinstance(price, int) else price(variables or {})


class Pricing:
    """Of one schema. Pages are as large as `limits` allows, at most: what asks for more is refused when it is run."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._page = limits.page
        self._default_page = limits.default_page

    def of(self, document: DocumentNode) -> dict[str | None, Price]:
        """The price of each of a valid document's operations, by name."""
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        return {
            node.name.value if node.name else None: self._operation(node, fragments)
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }

    def _operation(self, node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Price:
        root = self._schema.get_root_type(node.operation)
        defaults = {
            definition.variable.name.value: definition.default_value for definition in node.variable_definitions or ()
        }
        reading = Reading(self._schema, fragments, defaults, self._page, self._default_page)
        base = MUTATION if node.operation is OperationType.MUTATION else 0
        return add([base * len(node.selection_set.selections), reading.selections(node.selection_set, root, None)])


class Reading:
    """One operation's. `page` is the size of the nearest page above, which holds for its edges and nodes."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        defaults: Mapping[str, ValueNode | None],
        most: int,
        default_page: int,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._defaults = defaults
        self._most = most
        self._default_page = default_page

    def selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None, page: Price | None) -> Price:
        """All of a selection set; of what is told in several types, all are counted."""
        return add(self._selection(one, parent, page) for one in node.selections)

    def _selection(self, node: object, parent: GraphQLNamedType | None, page: Price | None) -> Price:
        if isinstance(node, FieldNode):
            return self._field(node, parent, page)
        if isinstance(node, FragmentSpreadNode):
            node = self._fragments[node.name.value]
        assert isinstance(node, InlineFragmentNode | FragmentDefinitionNode)
        narrowed = self._schema.get_type(node.type_condition.name.value) if node.type_condition else parent
        return self.selections(node.selection_set, narrowed, page)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, page: Price | None) -> Price:
        name = node.name.value
        field = parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        if field is None or parent is None:
            return INTROSPECTION if name.startswith("__") and name != "__typename" else 0
        place = f"{parent.name}.{name}"
        named = get_named_type(field.type)
        if is_leaf_type(named) or node.selection_set is None:
            return WEIGHTS.get(place, 0)
        asked = self._page_size(node, field)
        if not is_list_type(get_nullable_type(field.type)):
            return add([WEIGHTS.get(place, 1), self.selections(node.selection_set, named, asked)])
        if asked is None:
            asked = page if page is not None and name in PAGED else self._count(node, place)
        each = add([1, self.selections(node.selection_set, named, None)])
        return add([WEIGHTS.get(place, 0), times(asked, each)])

    def _page_size(self, node: FieldNode, field: GraphQLField) -> Price | None:
        """As `first` or `last` says, else as their defaults; None when the field has no such arguments."""
        if "first" not in field.args:
            return None
        given = [argument.value for argument in node.arguments or () if argument.name.value in ("first", "last")]
        default = self._default_size(field.args["first"])
        sizes = [self._read(value, default, lambda told: told if isinstance(told, int) else None) for value in given]
        return add(sizes) if sizes else default

    def _default_size(self, argument: GraphQLArgument) -> int:
        default = argument.default_value
        return default if isinstance(default, int) else self._default_page

    def _count(self, node: FieldNode, place: str) -> Price:
        """How many items a list without a page has."""
        counted, default = COUNTED.get(place), SIZES.get(place, 1)
        for argument in node.arguments or ():
            if argument.name.value == counted:
                return self._read(argument.value, default, lambda told: len(told) if isinstance(told, list) else 1)
        return default

    def _read(self, node: ValueNode | None, default: int, measure: Callable[[Any], int | None]) -> Price:
        """The size that a value says; `default` where it says none, and the largest where it is none."""
        most = self._most
        if isinstance(node, IntValueNode):
            return min(max(int(node.value), 0), most)
        if isinstance(node, ListValueNode):
            return min(len(node.values), most)
        if not isinstance(node, VariableNode):
            return default if node is None or isinstance(node, NullValueNode) else 1
        name = node.name.value
        otherwise = self._read(self._defaults.get(name), default, measure)
        fixed = otherwise if isinstance(otherwise, int) else default

        def measure_variable(variables: Variables) -> int:
            if name not in variables:
                return fixed
            told = variables[name]
            if told is None:
                return default
            size = measure(told)
            return most if size is None else min(max(size, 0), most)

        return measure_variable


def add(prices: Iterable[Price]) -> Price:
    """The sum; a number when all of them are."""
    fixed, open_ = 0, []
    for price in prices:
        if isinstance(price, int):
            fixed += price
        else:
            open_.append(price)
    return (lambda variables: fixed + sum(price(variables) for price in open_)) if open_ else fixed


def times(size: Price, each: Price) -> Price:
    """So many of these."""
    if isinstance(size, int) and isinstance(each, int):
        return size * each
    return lambda variables: price_of(size, variables) * price_of(each, variables)
